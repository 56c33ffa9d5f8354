namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Remembers, in a graph's metadata, inputs and outputs whose dimensions have another order than in the file the network
/// came from: key "layout:NAME", text the permutation ("0,2,3,1": dimension i is dimension permutation[i] in the file).
/// </summary>
internal static class LayoutMetadata
{
    private const string Prefix = "layout:";

    /// <summary>The permutation from the file's order of dimensions to the graph's; null where it is the same.</summary>
    public static int[]? Of(Graph graph, Value value) =>
        graph.Metadata.TryGetValue(Prefix + value.Name, out string? text) ? [.. text.Split(',').Select(int.Parse)] : null;

    /// <summary>Notes that <paramref name="value"/>'s dimensions have been permuted (once more).</summary>
    public static void Add(Graph graph, Value value, int[] permutation)
    {
        int[] whole = Of(graph, value) is { } before ? Permutation.Then(before, permutation) : permutation;
        if (Permutation.IsIdentity(whole))
        {
            graph.Metadata.Remove(Prefix + value.Name);
        }
        else
        {
            graph.Metadata[Prefix + value.Name] = string.Join(',', whole);
        }
    }
}
