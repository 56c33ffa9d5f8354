using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class TransposeEliminationTest
{
    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> s_between = new()
    {
        ["Relu"] = (b, x) => b.Unary(UnaryFunction.Relu, x),
        ["Add constant per channel"] = (b, x) => b.Binary(BinaryFunction.Add, x, b.Constant(1, x.Shape[1], 1, 1)),
        ["Mul of lower rank"] = (b, x) => b.Binary(BinaryFunction.Mul, b.Constant(x.Shape[2], 1), x),
        ["Add of itself"] = (b, x) => b.Binary(BinaryFunction.Add, x, b.Unary(UnaryFunction.Tanh, x)),
        ["Gate"] = (b, x) => b.Binary(BinaryFunction.Mul, x, b.Node(new Reduce(ReduceFunction.Mean, [2, 3], true), [1, x.Shape[1], 1, 1], x)),
        ["Concat"] = (b, x) => b.Node(new Concat(1), x.Shape.With(1, 2 * x.Shape[1]), x, b.Unary(UnaryFunction.Neg, x)),
        ["Pad"] = (b, x) => b.Pad(x, [0, 0, 1, 0], [0, 1, 0, 2], 3),
        ["Slice"] = (b, x) => b.Node(new Slice([0, 1, 0, 4], [1, 1, 2, -1]), [1, 2, 2, 3], x),
        ["Softmax"] = (b, x) => b.Node(new Softmax(1, 1), x.Shape, x),
        ["Mean, keeping dimensions"] = (b, x) => b.Node(new Reduce(ReduceFunction.Mean, [1, 3], true), [1, 1, x.Shape[2], 1], x),
        ["Gather"] = (b, x) => b.Node(new Gather(1), [1, 2, x.Shape[2], x.Shape[3]], x, b.Constant(new Tensor(new Shape(2), new[] { 2, 0 }))),
        ["Split and joined"] = (b, x) => b.Reshape(b.Unary(UnaryFunction.Abs, b.Reshape(x, 1, x.Shape[1], x.Shape[2] * x.Shape[3])), [.. x.Shape]),
    };

    public static IEnumerable<object[]> Names => s_between.Keys.Select(k => new object[] { k });

    /// <summary>NHWC, to NCHW, the operator, to NHWC again: nothing of the two Transposes may remain.</summary>
    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Cancels_around(string name)
    {
        var b = new GraphBuilder();
        Value x = b.Conv(b.Input(1, 4, 5, 2), 3, new Window(1, 1));
        Value y = b.Transpose(s_between[name](b, b.Transpose(x, 0, 3, 1, 2)), 0, 2, 3, 1);
        Graph graph = b.Build(b.Conv(y, 2, new Window(1, 1)));

        Assert.IsGreaterThan(0, Equivalence.Check(new TransposeElimination(), graph));
        Assert.IsFalse(graph.Nodes.Exists(n => n.Operator is Transpose));
    }

    [TestMethod]
    public void Columns_of_the_weights_take_the_order_of_the_elements()
    {
        var b = new GraphBuilder();
        Value x = b.Conv(b.Input(2, 3, 4, 2), 3, new Window(1, 1));
        Graph graph = b.Build(b.Dense(b.Reshape(b.Transpose(x, 0, 3, 1, 2), 2, 36), 5));

        Equivalence.Check(new TransposeElimination(), graph);
        Assert.IsFalse(graph.Nodes.Exists(n => n.Operator is Transpose));
    }

    [TestMethod]
    public void Quantized_columns_too()
    {
        var b = new GraphBuilder();
        var weights = new Tensor(new Shape(2, 6), new sbyte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 });
        Value x = b.Unary(UnaryFunction.Tanh, b.Input(1, 1, 2, 3));
        Value flat = b.Reshape(b.Transpose(x, 0, 3, 1, 2), 1, 6);
        Graph graph = b.Build(b.Node(new FullyConnected(Clamp.None), [1, 2], flat, b.Constant(weights, new QuantizationParameters([0.5f, 0.25f], [0, 0]))));

        Equivalence.Check(new TransposeElimination(), graph);
        CollectionAssert.AreEqual(new sbyte[] { 1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12 }, graph.Nodes[^1].Input(1).Constant!.Int8s);
    }

    [TestMethod]
    public void Inputs_and_outputs_become_channels_last()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 2, 4, 5);
        Graph graph = b.Build(b.Unary(UnaryFunction.Sigmoid, b.ConvChannelsFirst(x, 3, new Window(3, 3))));

        Equivalence.Check(new TransposeElimination(), graph);
        Assert.HasCount(2, graph.Nodes);
        Assert.AreEqual(new Shape(1, 4, 5, 2), graph.Inputs[0].Shape);
        Assert.AreEqual(new Shape(1, 2, 3, 3), graph.Outputs[0].Shape);
        Assert.AreEqual("0,2,3,1", graph.Metadata["layout:" + graph.Outputs[0].Name]);
    }

    [TestMethod]
    public void An_input_that_others_read_keeps_its_layout()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 2, 4, 5);
        Value y = b.Conv(b.Transpose(x, 0, 2, 3, 1), 2, new Window(1, 1));
        Value flat = b.Dense(b.Reshape(x, 1, 40), 3);
        Graph graph = b.Build(y, flat);

        Equivalence.Check(new TransposeElimination(), graph);
        Assert.AreEqual(new Shape(1, 2, 4, 5), graph.Inputs[0].Shape);
    }

    [TestMethod]
    public void A_channel_shuffle_needs_one_transpose()
    {
        var b = new GraphBuilder();
        Value x = b.ConvChannelsFirst(b.Input(1, 4, 3, 5), 6, new Window(1, 1));
        Value shuffled = b.Reshape(b.Transpose(b.Reshape(x, 1, 2, 3, 3, 5), 0, 2, 1, 3, 4), 1, 6, 3, 5);
        Graph graph = b.Build(b.ConvChannelsFirst(shuffled, 4, new Window(1, 1)));

        Equivalence.Check(graph, g => PassPipeline.Run(g));
        Assert.AreEqual(1, graph.Nodes.Count(n => n.Operator is Transpose));
    }
}
