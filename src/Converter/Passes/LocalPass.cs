namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>A pass that looks at one node and its neighbours at a time, until no node can be rewritten any more.</summary>
internal abstract class LocalPass : IGraphPass
{
    public virtual string Name => GetType().Name;

    public abstract string Description { get; }

    public int Apply(Graph graph)
    {
        var rewriter = new GraphRewriter(graph);
        rewriter.RemoveDeadNodes();
        int changes = 0;
        // Every rewrite brings the graph nearer to its end; the bound only keeps a mistake from becoming a hang.
        int most = 1000 + (graph.Nodes.Count * 20);
        for (bool again = true; again && changes < most;)
        {
            again = false;
            foreach (Node node in graph.Nodes.ToArray())
            {
                if (changes < most && rewriter.Contains(node) && TryRewrite(rewriter, node))
                {
                    rewriter.RemoveUnread();
                    changes++;
                    again = true;
                }
            }
        }

        rewriter.RemoveUnread();
        if (changes > 0)
        {
            graph.Sort();
        }

        return changes;
    }

    /// <summary>Rewrites around <paramref name="node"/> if this pass applies there; nodes left without use are removed by the caller.</summary>
    protected abstract bool TryRewrite(GraphRewriter rewriter, Node node);
}
