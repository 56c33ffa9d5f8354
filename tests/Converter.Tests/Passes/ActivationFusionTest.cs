using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class ActivationFusionTest
{
    private static readonly Window s_window = new(2, 2);

    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> s_producers = new()
    {
        ["Conv2D"] = (b, x) => b.Conv(x, 6, s_window),
        ["DepthwiseConv2D"] = (b, x) => b.Depthwise(x, 3, s_window),
        ["FullyConnected"] = (b, x) => b.Dense(x, 5),
        ["TransposeConv2D"] = (b, x) => b.Node(new TransposeConv2D(new Window(2, 2, 2, 2), 1, Clamp.None), [1, 8, 10, 3], x, b.Constant(3, 2, 2, 4)),
        ["AveragePool2D"] = (b, x) => b.Pool(PoolFunction.Average, x, s_window),
        ["Add"] = (b, x) => b.Binary(BinaryFunction.Add, x, b.Constant(4)),
    };

    public static IEnumerable<object[]> Names => s_producers.Keys.Select(k => new object[] { k });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Relu_becomes_the_clamp_of(string name)
    {
        var b = new GraphBuilder();
        Graph graph = b.Build(b.Unary(UnaryFunction.Relu, s_producers[name](b, b.Input(1, 4, 5, 4))));

        Assert.AreEqual(1, Equivalence.Check(new ActivationFusion(), graph));
        Assert.HasCount(1, graph.Nodes);
    }

    [TestMethod]
    public void Min_and_max_with_constants_become_one_clamp()
    {
        var b = new GraphBuilder();
        Value y = b.Dense(b.Input(1, 4), 5);
        y = b.Binary(BinaryFunction.Min, b.Binary(BinaryFunction.Max, b.Scalar(-1), y), b.Scalar(0.5f));
        Graph graph = b.Build(b.Unary(UnaryFunction.Relu, y));

        Equivalence.Check(new ActivationFusion(), graph);
        Assert.AreEqual(new Clamp(0, 0.5f), ((FullyConnected)graph.Nodes.Single().Operator).Clamp);
    }

    [TestMethod]
    public void Without_an_operator_before_them_they_become_one_activation()
    {
        var b = new GraphBuilder();
        Value y = b.Binary(BinaryFunction.Min, b.Unary(UnaryFunction.Relu, b.Input(1, 9)), b.Scalar(6));
        Graph graph = b.Build(y);

        Equivalence.Check(new ActivationFusion(), graph);
        Assert.AreEqual("Relu6", graph.Nodes.Single().Operator.Kind);
    }

    [TestMethod]
    public void A_result_with_other_readers_stays()
    {
        var b = new GraphBuilder();
        Value y = b.Dense(b.Input(1, 4), 5);
        Value z = b.Dense(b.Input(1, 4), 5);
        Graph graph = b.Build(b.Unary(UnaryFunction.Relu, y), b.Unary(UnaryFunction.Exp, y), b.Unary(UnaryFunction.Relu, z), z);

        Assert.AreEqual(0, Equivalence.Check(new ActivationFusion(), graph));
    }

    [TestMethod]
    [DataRow(0.25f, 1)]
    [DataRow(0.5f, 0)]
    public void A_result_rounded_to_other_steps_stays(float scale, int changes)
    {
        var b = new GraphBuilder();
        Value y = b.Dense(b.Input(1, 4), 5);
        Value z = b.Unary(UnaryFunction.Relu, y);
        (y.Type, y.Quantization) = (ElementType.Int8, new QuantizationParameters(scale, 3));
        (z.Type, z.Quantization) = (ElementType.Int8, new QuantizationParameters(0.25f, 3));
        Graph graph = b.Build(z);

        Assert.AreEqual(changes, Equivalence.Check(new ActivationFusion(), graph, 0));
    }
}
