using TinyInference.Converter;
using TinyInference.Converter.Import.TfLite;
using static TinyInference.Converter.Import.TfLite.BuiltinOperator;

namespace Converter.Tests.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>Networks with integers in them: int8, legacy uint8, and weights alone.</summary>
[TestClass]
public class QuantizedTest
{
    [TestMethod]
    public void Int8_weights_and_biases_stay_as_they_are()
    {
        var model = new TestModel();
        int x = model.Input("x", [1, 2], TensorType.INT8, 0.5f, 3);
        int w = model.Constant<sbyte>("w", [2, 2], [1, -2, 3, -4], TensorType.INT8, [0.25f, 0.125f]);
        int b = model.Constant("b", [2], [7, 8], TensorType.INT32, [0.125f, 0.0625f]);
        model.Operator(FULLY_CONNECTED, [x, w, b], [model.Output("y", [1, 2], TensorType.INT8, 1, -5)], OptionsTable.FullyConnected, []);
        Node node = model.Import().Nodes.Single();
        Assert.AreEqual(new QuantizationParameters(0.5f, 3), node.Input(0).Quantization);
        CollectionAssert.AreEqual(new sbyte[] { 1, -2, 3, -4 }, node.Input(1).Constant!.Int8s);
        Assert.AreEqual(new QuantizationParameters([0.25f, 0.125f], [0, 0]), node.Input(1).Quantization);
        Assert.AreEqual(new QuantizationParameters([0.125f, 0.0625f], [0, 0]), node.Input(2).Quantization);
        Assert.AreEqual(new QuantizationParameters(1, -5), node.Output.Quantization);
    }

    [TestMethod]
    public void A_bias_without_a_scale_gets_the_accumulators()
    {
        TestModel model = Dense(TensorType.INT8, [1f], null);
        Assert.AreEqual(new QuantizationParameters(0.5f, 0), model.Import().Nodes.Single().Input(2).Quantization);
    }

    [TestMethod]
    public void A_bias_of_another_scale_is_refused()
    {
        var e = Assert.ThrowsExactly<InputException>(() => Dense(TensorType.INT8, [1f], [0.75f]).Import());
        StringAssert.Contains(e.Message, "bias scale 0.75");
    }

    [TestMethod]
    public void Weights_alone_in_int8_become_float_beside_float_inputs()
    {
        TestModel model = TestModel.Single(DEPTHWISE_CONV_2D, [1, 1, 1, 2], [1, 1, 1, 2], new() { [0] = (byte)1, [1] = 1, [2] = 1 }, OptionsTable.DepthwiseConv2D,
            static m => [m.Constant<sbyte>("w", [1, 1, 1, 2], [4, -6], TensorType.INT8, [0.5f, 0.25f], axis: 3)]);
        Value weights = model.Import().Nodes.Single().Input(1);
        Assert.IsNull(weights.Quantization);
        CollectionAssert.AreEqual(new[] { 2f, -1.5f }, weights.Constant!.Floats);
    }

    [TestMethod]
    public void Float16_and_int4_constants_are_widened()
    {
        var model = new TestModel();
        int x = model.Input("x", [1, 3]);
        int half = model.Constant("half", [1, 3], [(Half)1.5f, (Half)(-2f), (Half)0.25f], TensorType.FLOAT16);
        int wide = model.Tensor("wide", [1, 3]);
        model.Operator(DEQUANTIZE, [half], [wide]);
        int y = model.Tensor("y", [1, 3]);
        model.Operator(ADD, [x, wide], [y], OptionsTable.Add, []);
        int nibbles = model.Constant<byte>("nibbles", [2, 3], [0x8F, 0x21, 0x7C], TensorType.INT4, [0.5f]);
        model.Operator(FULLY_CONNECTED, [y, nibbles], [model.Output("z", [1, 2])], OptionsTable.FullyConnected, []);
        Graph graph = model.Import();
        Assert.HasCount(2, graph.Nodes);
        CollectionAssert.AreEqual(new[] { 1.5f, -2f, 0.25f }, graph.Nodes[0].Input(1).Constant!.Floats);
        CollectionAssert.AreEqual(new[] { -0.5f, -4f, 0.5f, 1f, -2f, 3.5f }, graph.Nodes[1].Input(1).Constant!.Floats);
    }

    [TestMethod]
    public void Legacy_uint8_moves_by_128()
    {
        Graph graph = Dense(TensorType.UINT8, [1f], null).Import();
        Assert.AreEqual(ElementType.Int8, graph.Inputs[0].Type);
        Assert.AreEqual(new QuantizationParameters(0.5f, -118), graph.Inputs[0].Quantization);
        CollectionAssert.AreEqual(new sbyte[] { -128, -1, 0, 127 }, graph.Nodes[0].Input(1).Constant!.Int8s);
    }

    [TestMethod]
    public void Asymmetric_legacy_weights_become_symmetric()
    {
        Node node = Dense(TensorType.UINT8, [1f], [0.5f], zeroPoint: 64).Import().Nodes.Single();
        QuantizationParameters quantization = node.Input(1).Quantization!;
        CollectionAssert.AreEqual(new[] { 0, 0 }, quantization.ZeroPoints);
        // -64, 63 and 64, 191 as reals; biases 100 and 200 times 0.5.
        sbyte[] weights = node.Input(1).Constant!.Int8s;
        float[] reals = [.. weights.Select((q, i) => q * quantization.Scales[i / 2])];
        float[] expected = [-64, 63, 64, 191];
        for (int i = 0; i < 4; i++)
        {
            Assert.AreEqual(expected[i], reals[i], quantization.Scales[i / 2] / 2);
            Assert.AreEqual(50 * (1 + (i / 2)), node.Input(2).Constant!.Int32s[i / 2] * node.Input(2).Quantization!.Scales[i / 2], 1);
        }
    }

    [TestMethod]
    public void Quantize_and_dequantize_at_the_ends_are_nodes()
    {
        var model = new TestModel();
        int x = model.Input("x", [4]);
        int q = model.Tensor("q", [4], TensorType.INT8, 0.5f, 1);
        int r = model.Tensor("r", [4], TensorType.INT8, 0.25f, 2);
        model.Operator(QUANTIZE, [x], [q]);
        model.Operator(RELU, [q], [r]);
        model.Operator(DEQUANTIZE, [r], [model.Output("y", [4])]);
        CollectionAssert.AreEqual(new[] { "Quantize", "Relu", "Dequantize" }, model.Import().Nodes.ConvertAll(static n => n.Operator.Kind));
    }

    /// <summary>x [1,2] with scale 0.5, weights [2,2] 0, 127, 128, 255 (as bytes of uint8, or 1 of int8), biases 100 and 200.</summary>
    private static TestModel Dense(TensorType type, float[] weightScales, float[]? biasScales, int zeroPoint = 128)
    {
        var model = new TestModel();
        bool legacy = type == TensorType.UINT8;
        int x = model.Input("x", [1, 2], type, 0.5f, 10);
        int w = legacy
            ? model.Constant<byte>("w", [2, 2], [0, 127, 128, 255], type, weightScales, [zeroPoint])
            : model.Constant<sbyte>("w", [2, 2], [1, 1, 1, 1], type, weightScales);
        int b = model.Constant("b", [2], [100, 200], TensorType.INT32, biasScales);
        model.Operator(FULLY_CONNECTED, [x, w, b], [model.Output("y", [1, 2], type, 2, 20)], OptionsTable.FullyConnected, []);
        return model;
    }
}
