using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class ReorderingTest
{
    [TestMethod]
    [DataRow(nameof(UnaryFunction.Sigmoid), 1)]
    [DataRow(nameof(UnaryFunction.LeakyRelu), 1)]
    [DataRow(nameof(UnaryFunction.Abs), 0)]
    [DataRow(nameof(UnaryFunction.HardSwish), 0)]
    public void What_keeps_order_goes_after_a_max_pool(string function, int changes)
    {
        var b = new GraphBuilder();
        Value x = b.Unary(Enum.Parse<UnaryFunction>(function), b.Input(1, 4, 6, 2), 0.25f);
        Graph graph = b.Build(b.Pool(PoolFunction.Max, x, new Window(3, 3, 2, 2, PadTop: 1, PadBottom: 1)));

        Assert.AreEqual(changes, Equivalence.Check(new Reordering(), graph));
        Assert.AreEqual(changes == 1, graph.Nodes[0].Operator is Pool2D);
    }

    [TestMethod]
    public void A_function_goes_after_a_slice_and_before_a_resize()
    {
        var b = new GraphBuilder();
        Value x = b.Unary(UnaryFunction.Exp, b.Input(1, 4, 6, 2));
        Value part = b.Node(new Slice([0, 1, 0, 0], [1, 1, 2, 1]), [1, 2, 3, 2], x);
        Value large = b.Node(new Resize(ResizeFunction.Nearest, ResizeCoordinates.Asymmetric, NearestRounding.Floor), [1, 4, 6, 2], part);
        Graph graph = b.Build(b.Unary(UnaryFunction.Tanh, large));

        Assert.AreEqual(2, Equivalence.Check(new Reordering(), graph));
        CollectionAssert.AreEqual(new[] { "Slice", "Exp", "Tanh", "ResizeNearest" }, graph.Nodes.Select(n => n.Operator.Kind).ToArray());
    }

    [TestMethod]
    public void Quantization_goes_with_the_function()
    {
        var b = new GraphBuilder();
        Value x = b.Quantize(b.Input(1, 4, 4, 1), 0.25f, 0);
        Value y = b.Unary(UnaryFunction.Tanh, x);
        (y.Type, y.Quantization) = (ElementType.Int8, new QuantizationParameters(1f / 128, 0));
        Value z = b.Pool(PoolFunction.Max, y, new Window(2, 2, 2, 2));
        (z.Type, z.Quantization) = (ElementType.Int8, y.Quantization);
        Graph graph = b.Build(z);

        Equivalence.Check(new Reordering(), graph, 0);
        Assert.AreEqual(new QuantizationParameters(0.25f, 0), graph.Nodes.Single(n => n.Operator is Pool2D).Output.Quantization);
    }
}
