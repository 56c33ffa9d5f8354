using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class ActivationPatternsTest
{
    private static readonly Dictionary<string, (string Kind, Func<GraphBuilder, Value, Value> Make)> s_spellings = new()
    {
        ["x * relu6(x + 3) / 6"] = ("HardSwish", (b, x) => Div(b, Mul(b, x, Gate(b, x)), 6)),
        ["x * (relu6(x + 3) / 6)"] = ("HardSwish", (b, x) => Mul(b, x, Div(b, Gate(b, x), 6))),
        ["relu6(3 + x) * (1/6) * x"] = ("HardSwish", (b, x) => Mul(b, Mul(b, Clip(b, b.Binary(BinaryFunction.Add, b.Scalar(3), x)), b.Scalar(1f / 6)), x)),
        ["(x / 6) * relu6(x - -3)"] = ("HardSwish", (b, x) => Mul(b, Div(b, x, 6), Clip(b, b.Binary(BinaryFunction.Sub, x, b.Scalar(-3))))),
        ["x * min(relu(x + 3), 6) / 6"] = ("HardSwish", (b, x) => Div(b, Mul(b, x, b.Binary(BinaryFunction.Min, b.Unary(UnaryFunction.Relu, Plus3(b, x)), b.Scalar(6))), 6)),
        ["x * HardSigmoid(x)"] = ("HardSwish", (b, x) => Mul(b, b.Unary(UnaryFunction.HardSigmoid, x, 1f / 6, 0.5f), x)),
        ["relu6(x + 3) / 6"] = ("HardSigmoid", (b, x) => Div(b, Gate(b, x), 6)),
        ["0.5 * x * (1 + erf(x / sqrt 2))"] = ("Gelu", (b, x) => Mul(b, Mul(b, x, b.Scalar(0.5f)), Erf(b, Div(b, x, MathF.Sqrt(2))))),
        ["x * (erf(x * sqrt 1/2) + 1) * 0.5"] = ("Gelu", (b, x) => Mul(b, Mul(b, x, Erf(b, Mul(b, x, b.Scalar(MathF.Sqrt(0.5f))))), b.Scalar(0.5f))),
    };

    public static IEnumerable<object[]> Names => s_spellings.Keys.Select(k => new object[] { k });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Recognises(string name)
    {
        var b = new GraphBuilder();
        Graph graph = b.Build(s_spellings[name].Make(b, b.Unary(UnaryFunction.Tanh, b.Input(1, 50))));

        Equivalence.Check(new ActivationPatterns(), graph);
        Assert.HasCount(2, graph.Nodes);
        Assert.AreEqual(s_spellings[name].Kind, graph.Nodes[1].Operator.Kind);
    }

    [TestMethod]
    public void Leaves_other_constants_and_other_operands()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 8);
        Value z = b.Input(1, 8);
        Graph graph = b.Build(Div(b, Mul(b, x, Gate(b, x)), 5), Div(b, Mul(b, z, Gate(b, x)), 6), Mul(b, x, b.Unary(UnaryFunction.Sigmoid, x)));

        Assert.AreEqual(0, Equivalence.Check(new ActivationPatterns(), graph));
    }

    [TestMethod]
    public void Leaves_steps_that_are_rounded_on_the_way()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 8);
        Value gate = Gate(b, x);
        gate.Type = ElementType.Int8;
        gate.Quantization = new QuantizationParameters(0.5f, 0);
        Graph graph = b.Build(Div(b, Mul(b, x, gate), 6));

        Assert.AreEqual(0, Equivalence.Check(new ActivationPatterns(), graph));
    }

    private static Value Mul(GraphBuilder b, Value x, Value y) => b.Binary(BinaryFunction.Mul, x, y);

    private static Value Div(GraphBuilder b, Value x, float y) => b.Binary(BinaryFunction.Div, x, b.Scalar(y));

    private static Value Plus3(GraphBuilder b, Value x) => b.Binary(BinaryFunction.Add, x, b.Scalar(3));

    private static Value Clip(GraphBuilder b, Value x) => b.Unary(UnaryFunction.Clip, x, 0, 6);

    private static Value Gate(GraphBuilder b, Value x) => b.Unary(UnaryFunction.Relu6, Plus3(b, x));

    private static Value Erf(GraphBuilder b, Value x) => b.Binary(BinaryFunction.Add, b.Unary(UnaryFunction.Erf, x), b.Scalar(1));
}
