using TinyInference.Converter.Training.Recurrent;

namespace TinyInference.Converter.Language;

using TinyInference.Converter.Graphs;

/// <summary>A language model as a graph, for the same way to a blob as all networks: indices of vectors to the state, and from it the logits of each softmax.</summary>
internal static class LanguageGraph
{
    public const string RowLogits = "rows";
    public const string ColumnLogits = "columns";

    /// <param name="steps">Indices in one run: 1 for a device, many for calibration.</param>
    public static Graph Create(LanguageNetwork network, int steps)
    {
        var graph = new RecurrentGraph("language model", steps, "vector", network.Embedding, network.Cell);
        string[] names = network.Heads.Count == 1 ? ["words"] : [RowLogits, ColumnLogits];
        for (int i = 0; i < names.Length; i++)
        {
            SoftmaxHead head = network.Heads[i];
            graph.AddLogits(names[i], RecurrentGraph.Constant(head.Weights), RecurrentGraph.Constant(head.Bias));
        }

        return graph.Graph;
    }
}
