namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>Removes nodes whose results nobody reads.</summary>
internal sealed class DeadCode : IGraphPass
{
    public string Name => nameof(DeadCode);

    public string Description => "removes nodes whose results nobody reads";

    public int Apply(Graph graph)
    {
        // Liveness is found by one walk backwards, which needs execution order.
        graph.Sort();
        return new GraphRewriter(graph).RemoveDeadNodes();
    }
}
