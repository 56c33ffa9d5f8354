using TinyInference.Converter.Commands.Training;
using TinyInference.Converter.Training;
using TinyInference.Converter.Training.Recurrent;

namespace TinyInference.Converter.Commands;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>
/// A network for commands as a graph: indices of vectors to the state, and from it three times logits: of a word's slot, and of the intents what the mean over
/// the words and what the last state adds to them.
/// </summary>
internal static class CommandGraph
{
    /// <param name="steps">Indices in one run: 1 for a device, many for calibration.</param>
    public static Graph Create(CommandNetwork network, int steps)
    {
        var graph = new Graph { Name = "commands" };
        var index = new Value("index", ElementType.Int32, new Shape(1, steps));
        graph.Inputs.Add(index);
        Value x = Add(graph, "vectors", new Gather(0), [Constant(network.Embedding.Table), index], new Shape(1, steps, network.Embedding.Depth));
        RecurrentCell cell = network.Cell;
        RecurrentCellKind kind = cell switch
        {
            Lstm => RecurrentCellKind.Lstm,
            Gru => RecurrentCellKind.Gru,
            _ => RecurrentCellKind.SimpleRnn,
        };
        Value state = Add(graph, "state", new Recurrent(kind, cell.IsHard), [x, .. cell.Parameters.Select(Constant)], new Shape(1, steps, cell.Units));
        SoftmaxHead slots = network.SlotHead;
        SoftmaxHead intents = network.IntentHead;
        float[] none = new float[intents.Classes];
        AddLogits(graph, "slots", state, slots.Classes, slots.Weights.Data, slots.Bias.Data);
        AddLogits(graph, "intents of the mean", state, intents.Classes, Part(intents, cell.Units, 1), none);
        AddLogits(graph, "intents of the last", state, intents.Classes, Part(intents, cell.Units, 0), intents.Bias.Data);
        return graph;
    }

    private static void AddLogits(Graph graph, string name, Value state, int classes, float[] weights, float[] bias)
    {
        int units = weights.Length / classes;
        Value[] inputs = [state, new Value($"{name}/weights", new Tensor(new Shape(classes, units), (float[])weights.Clone())), new Value($"{name}/bias", new Tensor(new Shape(classes), (float[])bias.Clone()))];
        graph.Outputs.Add(Add(graph, name, new FullyConnected(Clamp.None, IsWide: true), inputs, new Shape(1, state.Shape[1], classes)));
    }

    /// <summary>The weights of the last state (0) or of the mean (1), which stand beside each other: [classes, units].</summary>
    private static float[] Part(SoftmaxHead head, int units, int part)
    {
        float[] weights = new float[head.Classes * units];
        for (int i = 0; i < head.Classes; i++)
        {
            head.Weights.Data.AsSpan(((2 * i) + part) * units, units).CopyTo(weights.AsSpan(i * units));
        }

        return weights;
    }

    private static Value Add(Graph graph, string name, Operator op, IEnumerable<Value> inputs, Shape shape)
    {
        var output = new Value(name, ElementType.Float32, shape);
        graph.Nodes.Add(new Node(name, op, inputs, [output]));
        return output;
    }

    private static Value Constant(Parameter parameter) => new(parameter.Value.Name, new Tensor(parameter.Value.Shape, (float[])parameter.Data.Clone()));
}
