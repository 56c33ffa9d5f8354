using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class ScheduleForMemoryTest
{
    [TestMethod]
    public void Finishes_one_branch_before_it_begins_the_next()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 4);
        Value[] wide = [.. Enumerable.Range(0, 4).Select(_ => b.Dense(x, 100))];
        Value[] narrow = [.. wide.Select(w => b.Dense(w, 2))];
        Graph graph = b.Build(b.Node(new Concat(1), [1, 8], narrow));
        Assert.AreEqual(4 * (4 + 400), Peak(graph));

        Assert.IsGreaterThan(0, Equivalence.Check(new ScheduleForMemory(), graph));
        Assert.IsLessThanOrEqualTo(4 * (4 + 100 + 8), Peak(graph));
    }

    [TestMethod]
    public void Is_as_good_as_the_best_of_all_orders() => RandomCases.ForAll(random =>
    {
        Graph graph = RandomTree(random);
        long best = BestPeak(graph);
        Equivalence.Check(new ScheduleForMemory(), graph);
        Assert.AreEqual(best, Peak(graph));
    });

    [TestMethod]
    public void A_wide_graph_is_ordered_in_bounded_time()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 3);
        var leaves = new List<Value>();
        for (int i = 0; i < 120; i++)
        {
            leaves.Add(b.Dense(b.Dense(x, 5 + (i % 7)), 1 + (i % 5)));
        }

        Graph graph = b.Build(b.Node(new Concat(1), [1, leaves.Sum(l => l.Shape[1])], [.. leaves]));
        long before = Peak(graph);
        new ScheduleForMemory().Apply(graph);
        GraphValidator.Validate(graph);
        Assert.IsLessThanOrEqualTo(before, Peak(graph));
    }

    private static long Peak(Graph graph) => new LiveBytes(graph).Peak(Enumerable.Range(0, graph.Nodes.Count));

    private static Graph RandomTree(Random random)
    {
        var b = new GraphBuilder(random.Next());
        var values = new List<Value> { b.Input(1, 1 + random.Next(9)) };
        for (int i = random.Next(2, 8); i > 0; i--)
        {
            Value x = values[random.Next(values.Count)];
            Value z = values[random.Next(values.Count)];
            values.Add(random.Next(4) switch
            {
                0 => b.Node(new Concat(1), [1, x.Shape[1] + z.Shape[1]], x, z),
                1 => b.Reshape(b.Reshape(x, x.Shape[1], 1), 1, x.Shape[1]),
                _ => b.Dense(x, 1 + random.Next(20)),
            });
        }

        return b.Build([.. values.Skip(1).Where(v => b.Graph.Consumers()[v].ToArray().Length == 0)]);
    }

    private static long BestPeak(Graph graph)
    {
        var liveness = new LiveBytes(graph);
        return Explore(liveness, liveness.Start(), liveness.Peak([]));
    }

    private static long Explore(LiveBytes liveness, LiveBytes.State state, long peak)
    {
        int[] ready = [.. liveness.Ready(state)];
        return ready.Length == 0
            ? peak
            : ready.Min(n => Explore(liveness, liveness.Execute(state, n), Math.Max(peak, liveness.During(state, n))));
    }
}
