namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Puts the nodes into the order in which least memory is alive at once. Branches that a network computes and joins may be run one
/// after the other or interleaved; the peak depends on it. Small graphs are searched exactly, large ones with a bound on the work.
/// </summary>
internal sealed class ScheduleForMemory : IGraphPass
{
    /// <summary>Sets of executed nodes that the search may look at before it takes the best order it has.</summary>
    private const int MostStates = 20_000;

    /// <summary>Nodes that the search may look at, all states together: what bounds it for large graphs.</summary>
    private const int MostVisits = 20_000_000;

    public string Name => nameof(ScheduleForMemory);

    public string Description => "orders the operators so that least memory is alive at once";

    public int Apply(Graph graph)
    {
        graph.Sort();
        var liveness = new LiveBytes(graph);
        int[] present = [.. Enumerable.Range(0, graph.Nodes.Count)];
        long best = liveness.Peak(present);
        if (best <= liveness.LargestNode)
        {
            return 0;
        }

        int[]? order = null;
        int[] greedy = Greedy(liveness);
        long peak = liveness.Peak(greedy);
        if (peak < best)
        {
            (best, order) = (peak, greedy);
        }

        if (best > liveness.LargestNode && Search(liveness, best) is { } found)
        {
            order = found;
        }

        if (order is null)
        {
            return 0;
        }

        Node[] nodes = [.. order.Select(i => graph.Nodes[i])];
        graph.Nodes.Clear();
        graph.Nodes.AddRange(nodes);
        return order.Where((n, i) => n != i).Count();
    }

    /// <summary>Takes next, each time, the ready node that leaves least memory alive (of equals the one that needs least while it runs).</summary>
    private static int[] Greedy(LiveBytes liveness)
    {
        int count = liveness.Count;
        var order = new List<int>(count);
        var state = liveness.Start();
        while (order.Count < count)
        {
            int next = liveness.Ready(state).MinBy(n => (liveness.After(state, n), liveness.During(state, n), n));
            state = liveness.Execute(state, next);
            order.Add(next);
        }

        return [.. order];
    }

    /// <summary>
    /// Best-first search over sets of executed nodes: the set with the lowest peak so far is continued, so that the first complete one is
    /// best. Sets whose peak reaches <paramref name="bound"/> are dropped.
    /// </summary>
    /// <returns>An order with a peak below <paramref name="bound"/>; null if there is none, or none was found in time.</returns>
    private static int[]? Search(LiveBytes liveness, long bound)
    {
        var queue = new PriorityQueue<LiveBytes.State, (long Peak, int Left)>();
        var seen = new HashSet<NodeSet>();
        int mostStates = Math.Min(MostStates, MostVisits / Math.Max(1, liveness.Count));
        queue.Enqueue(liveness.Start(), (0, liveness.Count));
        while (queue.TryDequeue(out LiveBytes.State? state, out (long Peak, int Left) priority))
        {
            if (!seen.Add(state.Executed))
            {
                continue;
            }

            if (priority.Left == 0)
            {
                return state.Order();
            }

            if (seen.Count > mostStates)
            {
                return null;
            }

            foreach (int node in Branches(liveness, state, priority.Peak))
            {
                long peak = Math.Max(priority.Peak, liveness.During(state, node));
                if (peak < bound)
                {
                    queue.Enqueue(liveness.Execute(state, node), (peak, priority.Left - 1));
                }
            }
        }

        return null;
    }

    /// <summary>
    /// The nodes to try next. One that frees at least what it takes, and does not raise the peak, can run at once without loss:
    /// then it is the only one.
    /// </summary>
    private static List<int> Branches(LiveBytes liveness, LiveBytes.State state, long peak)
    {
        var ready = liveness.Ready(state).ToList();
        foreach (int node in ready)
        {
            if (liveness.During(state, node) <= peak && liveness.After(state, node) <= state.Live)
            {
                return [node];
            }
        }

        return ready;
    }
}
