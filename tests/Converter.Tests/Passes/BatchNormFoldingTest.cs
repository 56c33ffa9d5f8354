using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class BatchNormFoldingTest
{
    private static readonly Window s_window = new(2, 3, 1, 2);

    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> s_weighted = new()
    {
        ["Conv2D"] = (b, x) => b.Conv(x, 6, s_window),
        ["Conv2D in groups"] = (b, x) => b.Conv(x, 6, s_window, groups: 2),
        ["DepthwiseConv2D"] = (b, x) => b.Depthwise(x, 3, s_window),
        ["FullyConnected"] = (b, x) => b.Dense(x, 5),
        ["TransposeConv2D"] = (b, x) => b.Node(new TransposeConv2D(new Window(2, 2, 2, 2), 1, Clamp.None), [1, 8, 10, 3], x, b.Constant(3, 2, 2, 4)),
    };

    public static IEnumerable<object[]> Names => s_weighted.Keys.Select(k => new object[] { k });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Becomes_part_of_the_weights_before_it(string name)
    {
        var b = new GraphBuilder();
        Value y = s_weighted[name](b, b.Input(1, 4, 5, 4));
        y = b.Binary(BinaryFunction.Div, b.BatchNorm(y), b.Scalar(3));
        y = b.Binary(BinaryFunction.Sub, b.Constant(1, 1, 1, y.Shape[3]), y);
        Graph graph = b.Build(y);

        Assert.AreEqual(3, Equivalence.Check(new BatchNormFolding(), graph));
        Assert.HasCount(1, graph.Nodes);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Becomes_part_of_the_weights_after_it(string name)
    {
        var b = new GraphBuilder();
        Value x = b.Unary(UnaryFunction.Relu, b.Input(1, 4, 5, 4));
        bool offsetFits = name != "TransposeConv2D";
        Value scaled = offsetFits ? b.BatchNorm(x) : b.Binary(BinaryFunction.Mul, x, b.Constant(4));
        Graph graph = b.Build(s_weighted[name](b, scaled));

        Assert.AreEqual(1, Equivalence.Check(new BatchNormFolding(), graph));
        Assert.HasCount(2, graph.Nodes);
    }

    [TestMethod]
    public void An_offset_does_not_go_into_padded_windows()
    {
        var b = new GraphBuilder();
        Value x = b.Binary(BinaryFunction.Add, b.Unary(UnaryFunction.Relu, b.Input(1, 4, 5, 4)), b.Constant(4));
        Graph graph = b.Build(b.Conv(x, 3, new Window(3, 3, PadTop: 1)));

        Assert.AreEqual(0, Equivalence.Check(new BatchNormFolding(), graph));
    }

    [TestMethod]
    public void Alone_it_is_a_product_and_a_sum()
    {
        var b = new GraphBuilder();
        Graph graph = b.Build(b.BatchNorm(b.Input(1, 4, 5, 4)));

        Assert.AreEqual(1, Equivalence.Check(new BatchNormFolding(), graph));
        CollectionAssert.AreEqual(new[] { "Mul", "Add" }, graph.Nodes.Select(n => n.Operator.Kind).ToArray());
    }

    [TestMethod]
    public void Weights_with_two_readers_are_changed_for_one()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 4);
        Value weights = b.Constant(3, 4);
        Value a = b.Node(new FullyConnected(Clamp.None), [1, 3], x, weights);
        Value c = b.Node(new FullyConnected(Clamp.None), [1, 3], x, weights);
        Graph graph = b.Build(b.Binary(BinaryFunction.Mul, a, b.Constant(3)), c);

        Assert.AreEqual(1, Equivalence.Check(new BatchNormFolding(), graph));
    }
}
