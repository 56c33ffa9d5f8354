using TinyInference.Converter.Execution;
using TinyInference.Converter.Import;
using TinyInference.Converter.Import.Onnx;

namespace TinyInference.Converter.Tests.Import;

using TinyInference.Converter.Graphs;

/// <summary>Damaged ONNX files: imported, or refused with an <see cref="InputException"/>; nothing else.</summary>
[TestClass]
public class OnnxMutationTest
{
    private const int Seed = 20240611;
    private const int Mutants = 4000;
    private const int LargestRun = 100_000;

    [TestMethod]
    public void Random_bytes_are_refused()
    {
        var random = new Random(Seed);
        for (int i = 0; i < Mutants; i++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            ImportOrRefuse(bytes, i);
        }
    }

    [TestMethod]
    public void Truncated_models_are_refused()
    {
        foreach (byte[] model in Models())
        {
            for (int length = 0; length < model.Length; length += 1 + (model.Length / 500))
            {
                ImportOrRefuse(model[..length], length);
            }
        }
    }

    [TestMethod]
    public void Changed_models_are_imported_or_refused()
    {
        var random = new Random(Seed);
        byte[][] models = [.. Models()];
        for (int i = 0; i < Mutants * models.Length; i++)
        {
            ImportOrRefuse(Mutate(models[i % models.Length], random), i);
        }
    }

    private static byte[] Mutate(byte[] model, Random random)
    {
        byte[] bytes = (byte[])model.Clone();
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            int at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] += (byte)(random.Next(2) == 0 ? 1 : 255);
                    break;
                default:
                    int from = random.Next(bytes.Length);
                    int length = Math.Min(random.Next(1, 9), bytes.Length - Math.Max(at, from));
                    Array.Copy(bytes, from, bytes, at, length);
                    break;
            }
        }

        return bytes;
    }

    private static void ImportOrRefuse(byte[] bytes, int number)
    {
        try
        {
            Graph graph = OnnxImporter.Import(bytes, "mutant.onnx", null);
            if (graph.Values().Sum(v => (long)v.Shape.ElementCount) < LargestRun)
            {
                // What is imported must be consistent: the executor checks every shape.
                new FloatExecutor(graph).Run([.. graph.Inputs.Select(Zeros)]);
            }
        }
        catch (InputException)
        {
            return;
        }
        catch (Exception e)
        {
            throw new AssertFailedException($"mutant {number} (seed {Seed}): {Convert.ToBase64String(bytes)}", e);
        }
    }

    private static Tensor Zeros(Value input) => input.Type == ElementType.Float32 || input.Quantization is not null
        ? new Tensor(input.Shape, new float[input.Shape.ElementCount])
        : ConstantEvaluator.FromInt64s(input.Shape, new long[input.Shape.ElementCount], input.Type);

    /// <summary>Small files that use most of the importer.</summary>
    private static IEnumerable<byte[]> Models()
    {
        yield return OnnxTreesTest.Classifier("SOFTMAX", [0, 1], [1, 2], "a", "b").ToBytes();
        yield return new OnnxModelBuilder()
            .Input("x", [1, 2, 6, 6]).Output("y")
            .Floats("w", [4, 1, 3, 3], new float[36]).Floats("b", [4], 1, 2, 3, 4)
            .Floats("s", [4], 1, 1, 1, 1).Longs("shape", [2], 1, -1).Longs("pads", [8], 0, 0, 1, 1, 0, 0, 1, 1)
            .Node("Pad", "x pads", "p")
            .Node("Conv", "p w b", "c", ("group", 2), ("strides", new[] { 2, 1 }), ("pads", new[] { 1, 0, 1, 0 }), ("dilations", new[] { 1, 2 }))
            .Node("BatchNormalization", "c s b b s", "n", ("epsilon", 0.001f))
            .Node("Clip", "n", "r")
            .Node("MaxPool", "r", "m", ("kernel_shape", new[] { 2, 2 }), ("ceil_mode", 1), ("strides", new[] { 2, 2 }))
            .Node("AveragePool", "m", "a", ("kernel_shape", new[] { 2, 2 }), ("auto_pad", "SAME_UPPER"), ("count_include_pad", 1))
            .Node("Reshape", "a shape", "f").Node("Softmax", "f", "y", ("axis", 1))
            .ToBytes();
        yield return new OnnxModelBuilder(18)
            .Input("x", [1, 3, 8]).Output("y").Output("z")
            .Floats("w", [3, 2, 4], new float[24]).Floats("m", [8, 5], new float[40]).Longs("one", [1], 1).Longs("zero", [], 0)
            .Longs("axes", [2], 1, 2).Floats("scales", [3], 1, 1, 2).Longs("ends", [1], 5).Longs("steps", [1], 2).Longs("split", [2], 1, 2)
            .Node("Shape", "x", "shape").Node("Gather", "shape zero", "batch").Node("Unsqueeze", "batch zero", "batch1")
            .Node("Concat", "batch1 one ends", "target", ("axis", 0)).Node("ConstantOfShape", "target", "zeros").Node("Expand", "zeros target", "grown")
            .Node("ConvTranspose", "x w", "t", ("strides", new[] { 2 }), ("output_padding", new[] { 1 }))
            .Node("Resize", "t - scales", "r", ("mode", "linear"))
            .Node("Slice", "r one ends one steps", "s").Node("ReduceMean", "s axes", "y", ("keepdims", 0))
            .Node("MatMul", "x m", "mm").Node("Add", "mm grown", "sum").Node("Transpose", "sum", "tr", ("perm", new[] { 0, 2, 1 }))
            .Node("Split", "tr split", "left right", ("axis", 2)).Node("Tile", "left target", "tile").Node("Squeeze", "tile zero", "sq")
            .Node("ArgMax", "sq", "z", ("axis", 1))
            .ToBytes();
        yield return Quantized().ToBytes();
    }

    private static OnnxModelBuilder Quantized()
    {
        var builder = new OnnxModelBuilder(13)
            .Input("x", [1, 2, 4, 4]).Output("y")
            .Floats("s", [], 0.1f).Ints("z", 2, [], 120).Ints("w", 2, [2, 2, 1, 1], 1, 2, 3, 200).Floats("ws", [2], 0.1f, 0.2f).Ints("wz", 2, [2], 128, 130)
            .Ints("b", 6, [2], 5, -7).Ints("w8", 3, [3, 2], 1, -2, 3, 4, 5, 6).Ints("z8", 3, [], 3).Ints("zw", 3, [2], 0, 0)
            .Node("QuantizeLinear", "x s z", "q")
            .Node("QLinearConv", "q s z w ws wz s z b", "c")
            .Node("MaxPool", "c", "m", ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 }))
            .Node("com.microsoft/QLinearGlobalAveragePool", "m s z s z", "g")
            .Node("com.microsoft/QLinearAdd", "g s z g s z s z", "a")
            .Node("DequantizeLinear", "a s z", "d").Node("Flatten", "d", "f")
            .Node("DequantizeLinear", "w8 ws zw", "dw", ("axis", 1))
            .Node("Gemm", "f dw", "h", ("transB", 1), ("alpha", 0.5f))
            .Node("QuantizeLinear", "h s z8", "i").Node("DequantizeLinear", "i s z8", "y");
        builder.Model.OpsetImport.Add(new Converter.Import.Onnx.Schema.OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        return builder;
    }

    [TestMethod]
    public void Models_of_this_test_are_imported_when_they_are_whole()
    {
        foreach (byte[] model in Models())
        {
            Assert.AreNotEqual(0, OnnxImporter.Import(model, "whole.onnx", null).Nodes.Count);
        }
    }
}
