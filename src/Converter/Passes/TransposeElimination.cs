namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Finds the places for Transposes where fewest elements move: merges them, tries moving them down, up and both ways,
/// and keeps the cheapest of these graphs. A network made for NCHW usually has none left afterwards.
/// </summary>
internal sealed class TransposeElimination : IGraphPass
{
    private static readonly TransposeMerging s_merging = new();
    private static readonly TransposeSinking s_sinking = new();
    private static readonly TransposeHoisting s_hoisting = new();

    public string Name => nameof(TransposeElimination);

    public string Description => "moves Transposes to where they cancel, or meet inputs, outputs and weights";

    public int Apply(Graph graph)
    {
        if (!graph.Nodes.Exists(n => n.Operator is Transpose))
        {
            return 0;
        }

        int merged = s_merging.Apply(graph);
        (long Elements, int Count) best = Cost(graph);
        Graph? cheapest = null;
        foreach (LocalPass[] directions in new LocalPass[][] { [s_sinking], [s_hoisting], [s_hoisting, s_sinking], [s_sinking, s_hoisting] })
        {
            if (best.Count == 0)
            {
                break;
            }

            Graph trial = graph.Clone();
            foreach (LocalPass direction in directions)
            {
                // Merging may let the next Transpose move on, and equal ones be seen as the same.
                for (int round = 0; round < 20 && direction.Apply(trial) + s_merging.Apply(trial) > 0; round++)
                {
                    new CommonSubexpressions().Apply(trial);
                }
            }

            (long Elements, int Count) cost = Cost(trial);
            if (cost.CompareTo(best) < 0)
            {
                best = cost;
                cheapest = trial;
            }
        }

        if (cheapest is null)
        {
            return merged;
        }

        int before = graph.Nodes.Count(n => n.Operator is Transpose);
        Adopt(graph, cheapest);
        return merged + Math.Max(1, before - graph.Nodes.Count(n => n.Operator is Transpose));
    }

    /// <summary>Elements that Transposes move, and how many Transposes there are.</summary>
    private static (long Elements, int Count) Cost(Graph graph)
    {
        long elements = 0;
        int count = 0;
        foreach (Node node in graph.Nodes)
        {
            if (node.Operator is Transpose transpose)
            {
                count++;
                elements += Permutation.MovesNothing(transpose.Permutation, node.Input(0).Shape) ? 0 : node.Output.Shape.ElementCount;
            }
        }

        return (elements, count);
    }

    private static void Adopt(Graph graph, Graph other)
    {
        graph.Inputs.Clear();
        graph.Inputs.AddRange(other.Inputs);
        graph.Outputs.Clear();
        graph.Outputs.AddRange(other.Outputs);
        graph.Nodes.Clear();
        graph.Nodes.AddRange(other.Nodes);
        graph.Metadata.Clear();
        foreach ((string key, string value) in other.Metadata)
        {
            graph.Metadata.Add(key, value);
        }
    }
}
