using TinyInference.Converter.Commands.Training;
using TinyInference.Converter.Training.Recurrent;

namespace TinyInference.Converter.Commands;

using TinyInference.Converter.Graphs;

/// <summary>
/// A network for commands as a graph: indices of vectors to the state, and from it three times logits: of a word's slot, and of the intents what the mean over
/// the words and what the last state adds to them.
/// </summary>
internal static class CommandGraph
{
    /// <param name="steps">Indices in one run: 1 for a device, many for calibration.</param>
    public static Graph Create(CommandNetwork network, int steps)
    {
        var graph = new RecurrentGraph("commands", steps, "vectors", network.Embedding, network.Cell);
        SoftmaxHead slots = network.SlotHead;
        SoftmaxHead intents = network.IntentHead;
        float[] none = new float[intents.Classes];
        AddLogits(graph, "slots", slots.Classes, slots.Weights.Data, slots.Bias.Data);
        AddLogits(graph, "intents of the mean", intents.Classes, Part(intents, network.Cell.Units, 1), none);
        AddLogits(graph, "intents of the last", intents.Classes, Part(intents, network.Cell.Units, 0), intents.Bias.Data);
        return graph.Graph;
    }

    private static void AddLogits(RecurrentGraph graph, string name, int classes, float[] weights, float[] bias) => graph.AddLogits(
        name,
        RecurrentGraph.Constant($"{name}/weights", new Shape(classes, weights.Length / classes), weights),
        RecurrentGraph.Constant($"{name}/bias", new Shape(classes), bias));

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
}
