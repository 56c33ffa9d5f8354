using System.Diagnostics;
using TinyInference.Converter;
using TinyInference.Converter.Import.TfLite;
using static TinyInference.Converter.Import.TfLite.BuiltinOperator;

namespace Converter.Tests.Import.TfLite;

/// <summary>Damaged files: either they come in all the same, or an <see cref="InputException"/> says what is wrong. In little time and memory.</summary>
[TestClass]
public class MutationTest
{
    private const int LongestMilliseconds = 2000;
    private const long MostBytes = 256L << 20;

    [TestMethod]
    public void Truncated_at_every_length()
    {
        byte[] bytes = Synthetic();
        for (int length = 0; length < bytes.Length; length++)
        {
            Try(bytes[..length], $"length {length}");
        }
    }

    [TestMethod]
    public void Mutated_synthetic_network() => Mutate(Synthetic(), seed: 1, cases: 20_000, mostChanges: 4);

    [TestMethod]
    [DataRow("tflite-micro/hello_world_int8.tflite", 10_000)]
    [DataRow("mlperf-tiny/kws_ref_model.tflite", 3_000)]
    public void Mutated_real_network(string file, int cases) => Mutate(File.ReadAllBytes(SharedFiles.Path("models/" + file)), seed: 2, cases, mostChanges: 16);

    [TestMethod]
    public void Random_bytes_after_the_identifier()
    {
        var random = new Random(3);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] bytes = new byte[8 + random.Next(300)];
            random.NextBytes(bytes);
            BitConverter.GetBytes(random.Next(8, 40)).CopyTo(bytes, 0);
            "TFL3"u8.CopyTo(bytes.AsSpan(4));
            Try(bytes, $"case {i}");
        }
    }

    private static void Mutate(byte[] bytes, int seed, int cases, int mostChanges)
    {
        TfLiteImporter.Import(bytes, "unchanged.tflite");
        var random = new Random(seed);
        for (int i = 0; i < cases; i++)
        {
            byte[] mutant = [.. bytes];
            int changes = 1 + random.Next(mostChanges);
            for (int c = 0; c < changes; c++)
            {
                Change(mutant, random);
            }

            Try(mutant, $"seed {seed}, case {i}");
        }
    }

    private static void Change(byte[] bytes, Random random)
    {
        // Most numbers of the format stand at multiples of 4.
        int at = random.Next(bytes.Length) & (random.Next(2) == 0 ? ~3 : ~0);
        switch (random.Next(4))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                int[] interesting = [0, 1, -1, int.MaxValue, int.MinValue, 0x10000, bytes.Length];
                BitConverter.GetBytes(interesting[random.Next(interesting.Length)]).AsSpan(0, Math.Min(4, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                break;
            default:
                int from = random.Next(bytes.Length);
                int count = Math.Min(1 + random.Next(8), bytes.Length - Math.Max(at, from));
                bytes.AsSpan(from, count).ToArray().CopyTo(bytes, at);
                break;
        }
    }

    private static void Try(byte[] bytes, string what)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        try
        {
            TfLiteImporter.Import(bytes, "mutant.tflite");
        }
        catch (InputException)
        {
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
        }

        Assert.IsLessThan(LongestMilliseconds, watch.ElapsedMilliseconds, what);
        Assert.IsLessThan(MostBytes, GC.GetAllocatedBytesForCurrentThread() - allocated, what);
    }

    /// <summary>A network with one of each kind of operator and of data.</summary>
    private static byte[] Synthetic()
    {
        var model = new TestModel();
        int x = model.Input("x", [1, 4, 4, 2], TensorType.INT8, 0.5f, 3);
        int conv = model.Tensor("conv", [1, 4, 4, 3], TensorType.INT8, 1, 0);
        model.Operator(CONV_2D, [x, model.Constant<sbyte>("w", [3, 1, 1, 2], [1, 2, 3, 4, 5, 6], TensorType.INT8, [1f, 0.5f, 0.25f]), model.Constant("b", [3], [1, 2, 3], TensorType.INT32)],
            [conv], OptionsTable.Conv2D, new() { [0] = (byte)0, [1] = 1, [2] = 1 });
        int pool = model.Tensor("pool", [1, 2, 2, 3], TensorType.INT8, 1, 0);
        model.Operator(MAX_POOL_2D, [conv], [pool], OptionsTable.Pool2D, new() { [0] = (byte)1, [1] = 2, [2] = 2, [3] = 2, [4] = 2 });
        int real = model.Tensor("real", [1, 2, 2, 3]);
        model.Operator(DEQUANTIZE, [pool], [real]);
        int padded = model.Tensor("padded", [1, 3, 4, 3]);
        model.Operator(PAD, [real, model.Constant("paddings", [4, 2], [0, 0, 0, 1, 1, 1, 0, 0], TensorType.INT32)], [padded]);
        int sliced = model.Tensor("sliced", [3, 2, 3]);
        model.Operator(STRIDED_SLICE, [padded, model.Ints("begin", 0, 0, 0, 0), model.Ints("end", 0, 3, 4, 3), model.Ints("strides", 1, 1, 2, 1)], [sliced],
            OptionsTable.StridedSlice, new() { [4] = 1 });
        int mean = model.Tensor("mean", [3, 3]);
        model.Operator(MEAN, [sliced, model.Ints("axes", 1)], [mean], OptionsTable.Reducer, []);
        int shape = model.Tensor("shape", [2], TensorType.INT32);
        model.Operator(SHAPE, [mean], [shape]);
        int reshaped = model.Tensor("reshaped", [3, 3]);
        model.Operator(RESHAPE, [mean, shape], [reshaped]);
        int[] parts = [model.Tensor("a", [1, 3]), model.Tensor("b", [2, 3])];
        model.Operator(SPLIT_V, [reshaped, model.Ints("sizes", 1, -1), model.Constant("axis", [], [0], TensorType.INT32)], parts);
        int joined = model.Tensor("joined", [3, 3]);
        model.Operator(CONCATENATION, parts, [joined], OptionsTable.Concatenation, new() { [0] = 0 });
        model.Operator(SOFTMAX, [joined], [model.Output("y", [3, 3])], OptionsTable.Softmax, new() { [0] = 1f });
        return model.ToBytes();
    }
}
