using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class QuantizationFoldingTest
{
    private const float Scale = 0.25f;

    [TestMethod]
    public void A_quantized_network_has_only_integers_left()
    {
        var b = new GraphBuilder();
        Value x = b.QuantizeDequantize(b.Input(1, 6, 6, 2), Scale, 3);
        Value y = QuantizedConv(b, x, 4);
        y = b.QuantizeDequantize(b.Unary(UnaryFunction.Relu, y), Scale, -128);
        y = b.Reshape(b.Pool(PoolFunction.Max, y, new Window(2, 2, 2, 2)), 1, 36);
        y = b.QuantizeDequantize(b.Dense(y, 5), 1, 0);
        Graph graph = b.Build(y);

        Equivalence.Check(graph, g => PassPipeline.Run(g), 0);

        CollectionAssert.AreEqual(new[] { "Conv2D", "MaxPool2D", "Reshape", "FullyConnected" }, graph.Nodes.Select(n => n.Operator.Kind).ToArray());
        Assert.IsTrue(graph.Inputs.Concat(graph.Nodes.Select(n => n.Output)).All(v => v.Type == ElementType.Int8 && v.Quantization is not null));
        Assert.AreEqual(Clamp.Relu, ((Conv2D)graph.Nodes[0].Operator).Clamp);
        Assert.AreEqual(new QuantizationParameters(Scale, -128), graph.Nodes[2].Output.Quantization);
        Assert.AreEqual(ElementType.Int8, graph.Nodes[0].Input(1).Type);
        Assert.AreEqual(ElementType.Int32, graph.Nodes[0].Input(2).Type);
    }

    [TestMethod]
    public void Quantize_stays_where_parameters_change()
    {
        var b = new GraphBuilder();
        Value x = b.Quantize(b.Input(1, 8), Scale, 0);
        Graph graph = b.Build(b.Quantize(b.Dequantize(x), 1, 5));

        Equivalence.Check(new QuantizationFolding(), graph, 0);
        Assert.AreEqual("Quantize", graph.Nodes.Single().Operator.Kind);
        Assert.AreEqual(ElementType.Int8, graph.Inputs[0].Type);
    }

    [TestMethod]
    public void Quantize_goes_back_over_what_only_moves_elements()
    {
        var b = new GraphBuilder();
        Value sum = b.Binary(BinaryFunction.Add, b.Input(1, 4, 4, 1), b.Input(1, 4, 4, 1));
        Graph graph = b.Build(b.Quantize(b.Pool(PoolFunction.Max, b.Transpose(sum, 0, 2, 1, 3), new Window(2, 2)), Scale, 1));

        Equivalence.Check(new QuantizationFolding(), graph, 0);
        Assert.HasCount(3, graph.Nodes);
        Assert.IsTrue(graph.Nodes.TrueForAll(n => n.Output.Type == ElementType.Int8));
    }

    [TestMethod]
    public void A_value_that_others_read_as_reals_stays_real()
    {
        var b = new GraphBuilder();
        Value x = b.Unary(UnaryFunction.Tanh, b.Input(1, 8));
        Graph graph = b.Build(b.Binary(BinaryFunction.Sub, x, b.QuantizeDequantize(x, Scale, 0)));

        Equivalence.Check(new QuantizationFolding(), graph, 0);
        Assert.AreEqual(ElementType.Float32, graph.Nodes[0].Output.Type);
    }

    [TestMethod]
    public void Constants_are_quantized()
    {
        var b = new GraphBuilder();
        Value c = b.QuantizeDequantize(b.Constant(new Tensor(new Shape(3), new[] { -100f, 0.4f, 1f })), Scale, 2);
        Graph graph = b.Build(b.Binary(BinaryFunction.Add, b.Input(1, 3), c));

        Equivalence.Check(new QuantizationFolding(), graph, 0);
        CollectionAssert.AreEqual(new sbyte[] { -128, 4, 6 }, graph.Nodes.Single().Input(1).Constant!.Int8s);
    }

    [TestMethod]
    public void Random_quantized_graphs_keep_their_integers() => RandomCases.ForAll(random =>
    {
        var b = new GraphBuilder(random.Next());
        var values = new List<Value> { b.QuantizeDequantize(b.Input(1, 2, 4, 4), Scale, 0) };
        for (int i = random.Next(1, 9); i > 0; i--)
        {
            Value x = values[random.Next(values.Count)];
            Value y = random.Next(8) switch
            {
                0 => b.Transpose(QuantizedConv(b, b.Transpose(x, 0, 2, 3, 1), 2), 0, 3, 1, 2),
                1 => b.Binary(BinaryFunction.Add, x, values[random.Next(values.Count)]),
                2 => b.Unary(random.Next(2) == 0 ? UnaryFunction.Relu : UnaryFunction.Neg, x),
                3 => b.Transpose(b.Unary(UnaryFunction.Relu6, b.Transpose(x, 0, 2, 3, 1)), 0, 3, 1, 2),
                4 => b.Reshape(b.Reshape(x, 1, 32), 1, 2, 4, 4),
                5 => b.Binary(BinaryFunction.Max, x, b.Scalar(0.5f)),
                6 => b.Transpose(b.Pool(PoolFunction.Max, b.Transpose(x, 0, 2, 3, 1), new Window(3, 3, PadTop: 1, PadBottom: 1, PadLeft: 1, PadRight: 1)), 0, 3, 1, 2),
                _ => b.Node(new Slice([0, 1, 3, 0], [1, -1, -1, 1]), [1, 2, 4, 4], x),
            };
            values.Add(random.Next(3) == 0 ? y : b.QuantizeDequantize(y, random.Next(2) == 0 ? Scale : 0.5f, random.Next(-2, 3)));
        }

        Equivalence.Check(b.Build(values[^1]), g => PassPipeline.Run(g), 0);
    }, 200);

    /// <summary>A 1x1 convolution whose weights (per channel) and bias come through Dequantize, and no Quantize after it.</summary>
    private static Value QuantizedConv(GraphBuilder b, Value x, int outputs)
    {
        int inputs = x.Shape[3];
        float[] scales = [.. Enumerable.Range(1, outputs).Select(i => i / 8f)];
        var zeros = new int[outputs];
        Value weights = b.Constant(
            new Tensor(new Shape(outputs, 1, 1, inputs), Array.ConvertAll(new sbyte[outputs * inputs], _ => (sbyte)b.Random.Next(-5, 6))),
            new QuantizationParameters(scales, zeros));
        Value bias = b.Constant(
            new Tensor(new Shape(outputs), Array.ConvertAll(new int[outputs], _ => b.Random.Next(-50, 51))),
            new QuantizationParameters([.. scales.Select(s => s * Scale)], zeros));
        return b.Node(new Conv2D(new Window(1, 1), 1, Clamp.None), x.Shape.With(3, outputs), x, b.Dequantize(weights), b.Dequantize(bias));
    }
}
