using TinyInference.Converter.Training;
using TinyInference.Converter.Training.Recurrent;

namespace TinyInference.Converter.Language;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>A language model as a graph, for the same way to a blob as all networks: indices of vectors to the state, and from it the logits of each softmax.</summary>
internal static class LanguageGraph
{
    public const string RowLogits = "rows";
    public const string ColumnLogits = "columns";

    /// <param name="steps">Indices in one run: 1 for a device, many for calibration.</param>
    public static Graph Create(LanguageNetwork network, int steps)
    {
        var graph = new Graph { Name = "language model" };
        var index = new Value("index", ElementType.Int32, new Shape(1, steps));
        graph.Inputs.Add(index);
        Value x = Add(graph, "vector", new Gather(0), [Constant(network.Embedding.Table), index], new Shape(1, steps, network.Embedding.Depth));
        RecurrentCell cell = network.Cell;
        RecurrentCellKind kind = cell switch
        {
            Lstm => RecurrentCellKind.Lstm,
            Gru => RecurrentCellKind.Gru,
            _ => RecurrentCellKind.SimpleRnn,
        };
        Value state = Add(graph, "state", new Recurrent(kind, cell.IsHard), [x, .. cell.Parameters.Select(Constant)], new Shape(1, steps, cell.Units));
        string[] names = network.Heads.Count == 1 ? ["words"] : [RowLogits, ColumnLogits];
        for (int i = 0; i < names.Length; i++)
        {
            SoftmaxHead head = network.Heads[i];
            graph.Outputs.Add(Add(
                graph, names[i], new FullyConnected(Clamp.None, IsWide: true), [state, Constant(head.Weights), Constant(head.Bias)], new Shape(1, steps, head.Classes)));
        }

        return graph;
    }

    private static Value Add(Graph graph, string name, Operator op, IEnumerable<Value> inputs, Shape shape)
    {
        var output = new Value(name, ElementType.Float32, shape);
        graph.Nodes.Add(new Node(name, op, inputs, [output]));
        return output;
    }

    private static Value Constant(Parameter parameter) => new($"{parameter.Value.Name}", new Tensor(parameter.Value.Shape, (float[])parameter.Data.Clone()));
}
