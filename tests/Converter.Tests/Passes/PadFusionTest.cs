using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class PadFusionTest
{
    private static readonly int[] s_before = [0, 1, 2, 0];
    private static readonly int[] s_after = [0, 2, 0, 0];

    [TestMethod]
    public void Becomes_part_of_convolutions()
    {
        var b = new GraphBuilder();
        Value padded = b.Pad(b.Input(1, 5, 6, 2), s_before, s_after);
        Value y = b.Conv(padded, 3, new Window(3, 3, 2, 1, PadTop: 1));
        Graph graph = b.Build(y, b.Depthwise(padded, 2, new Window(2, 2)));

        Assert.AreEqual(1, Equivalence.Check(new PadFusion(), graph));
        Assert.HasCount(2, graph.Nodes);
        Assert.AreEqual(2, ((Conv2D)graph.Nodes[0].Operator).Window.PadTop);
    }

    [TestMethod]
    [DataRow(nameof(UnaryFunction.Relu), 0f, 1)]
    [DataRow(nameof(UnaryFunction.Relu), 0.5f, 0)]
    [DataRow(nameof(UnaryFunction.Relu), -7f, 1)]
    [DataRow(nameof(UnaryFunction.Neg), 0f, 0)]
    [DataRow(nameof(UnaryFunction.Neg), float.NegativeInfinity, 1)]
    public void Becomes_part_of_a_max_pool_where_no_element_is_below_it(string before, float value, int changes)
    {
        var b = new GraphBuilder();
        Value padded = b.Pad(b.Unary(Enum.Parse<UnaryFunction>(before), b.Input(1, 5, 6, 2)), [0, 1, 1, 0], [0, 1, 1, 0], value);
        Graph graph = b.Build(b.Pool(PoolFunction.Max, padded, new Window(3, 3)));

        Assert.AreEqual(changes, Equivalence.Check(new PadFusion(), graph));
    }

    [TestMethod]
    public void A_max_pool_window_of_nothing_but_padding_stays()
    {
        var b = new GraphBuilder();
        Value padded = b.Pad(b.Unary(UnaryFunction.Relu, b.Input(1, 5, 6, 2)), [0, 2, 2, 0], [0, 2, 2, 0]);
        Graph graph = b.Build(b.Pool(PoolFunction.Max, padded, new Window(2, 2)));

        Assert.AreEqual(0, Equivalence.Check(new PadFusion(), graph));
    }

    [TestMethod]
    public void Counts_in_an_average()
    {
        var b = new GraphBuilder();
        Value padded = b.Pad(b.Input(1, 5, 6, 2), s_before, s_after);
        Graph graph = b.Build(b.Pool(PoolFunction.Average, padded, new Window(3, 3)));

        Assert.AreEqual(1, Equivalence.Check(new PadFusion(), graph));
        Assert.IsTrue(((Pool2D)graph.Nodes.Single().Operator).CountPadding);
    }

    [TestMethod]
    public void Other_values_dimensions_and_readers_stay()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 5, 6, 2);
        Value one = b.Conv(b.Pad(x, s_before, s_after, 1), 3, new Window(3, 3));
        Value channels = b.Conv(b.Pad(x, [0, 1, 0, 0], [0, 0, 0, 1]), 3, new Window(3, 3));
        Value both = b.Pad(x, s_before, s_after);
        Graph graph = b.Build(one, channels, b.Conv(both, 3, new Window(3, 3)), b.Unary(UnaryFunction.Exp, both));

        Assert.AreEqual(0, Equivalence.Check(new PadFusion(), graph));
    }
}
