using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class UnsignedToSignedTest
{
    [TestMethod]
    public void Keeps_the_reals_and_takes_128_off_the_integers()
    {
        var b = new GraphBuilder();
        Value quantized = b.Node(new Quantize(), [1, 4], b.Input(1, 4));
        quantized.Type = ElementType.UInt8;
        quantized.Quantization = new QuantizationParameters(0.25f, 130);
        Value constant = b.Constant(new Tensor(new Shape(4), new byte[] { 0, 127, 128, 255 }), new QuantizationParameters(0.125f, 128));
        Graph graph = b.Build(b.Binary(BinaryFunction.Add, b.Dequantize(quantized), b.Dequantize(constant)));

        Assert.AreEqual(2, Equivalence.Check(new UnsignedToSigned(), graph, 0));
        Assert.AreEqual(2, quantized.Quantization!.ZeroPoint);
        CollectionAssert.AreEqual(new sbyte[] { -128, -1, 0, 127 }, constant.Constant!.Int8s);
    }
}
