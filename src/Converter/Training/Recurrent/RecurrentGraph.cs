namespace TinyInference.Converter.Training.Recurrent;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>A graph that reads words, built from trained parts: indices of vectors, [1, steps], to the state of a cell, and from that to logits.</summary>
internal sealed class RecurrentGraph
{
    private readonly int _steps;
    private readonly Value _state;

    /// <param name="steps">Indices in one run: 1 for a device, many for calibration.</param>
    /// <param name="lookup">The name of the operator that looks the vectors up.</param>
    public RecurrentGraph(string name, int steps, string lookup, EmbeddingTable embedding, RecurrentCell cell)
    {
        _steps = steps;
        Graph = new Graph { Name = name };
        var index = new Value("index", ElementType.Int32, new Shape(1, steps));
        Graph.Inputs.Add(index);
        Value x = Add(lookup, new Gather(0), [Constant(embedding.Table), index], embedding.Depth);
        _state = Add("state", new Graphs.Recurrent(cell.Kind, cell.Form), [x, .. cell.Parameters.Select(Constant)], cell.Units);
    }

    public Graph Graph { get; }

    /// <summary>A parameter as it is now.</summary>
    public static Value Constant(Parameter parameter) => Constant(parameter.Value.Name, parameter.Value.Shape, parameter.Data);

    /// <summary>A copy of <paramref name="data"/>.</summary>
    public static Value Constant(string name, Shape shape, float[] data) => new(name, new Tensor(shape, (float[])data.Clone()));

    /// <summary>Wide logits of the state, one more output.</summary>
    /// <param name="weights">[classes, units].</param>
    /// <param name="bias">[classes].</param>
    public void AddLogits(string name, Value weights, Value bias) =>
        Graph.Outputs.Add(Add(name, new FullyConnected(Clamp.None, IsWide: true), [_state, weights, bias], weights.Shape[0]));

    private Value Add(string name, Operator op, IEnumerable<Value> inputs, int width)
    {
        var output = new Value(name, ElementType.Float32, new Shape(1, _steps, width));
        Graph.Nodes.Add(new Node(name, op, inputs, [output]));
        return output;
    }
}
