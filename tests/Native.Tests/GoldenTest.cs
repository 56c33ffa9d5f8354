using TinyInference;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Import;
using TinyInference.Converter.Lowering;

namespace Native.Tests;

/// <summary>Whole networks against what TensorFlow Lite Micro's reference kernels gave: through the runtime with native kernels, and through the driver in C.</summary>
[TestClass]
public class GoldenTest
{
    [TestMethod]
    [DataRow("mlperf-tiny/kws_ref_model")]
    [DataRow("mlperf-tiny/pretrainedResnet_quant")]
    [DataRow("mlperf-tiny/ad01_int8")]
    [DataRow("mlperf-tiny/vww_96_int8")]
    [DataRow("mlperf-tiny/str_ww_ref_model")]
    [DataRow("tflite-micro/hello_world_int8")]
    public void Outputs_are_those_of_TensorFlow_Lite_Micro(string name)
    {
        NativeKernel native = NativeLibrary.Run;
        string model = SharedFiles.Path($"models/{name}.tflite");
        string file = Path.GetFileName(name);
        byte[] inputs = File.ReadAllBytes(SharedFiles.Path($"goldens/{file}.inputs.bin"));
        byte[] expected = File.ReadAllBytes(SharedFiles.Path($"goldens/{file}.outputs.bin"));
        string program = Toolchain.Build("gcc", $"cases-{file}", Path.Combine(Toolchain.TestSources, "cases.c"));
        ConversionResult balanced = NetworkConverter.Emit(ModelImporter.Load(model));
        foreach ((string way, byte[] blob) in new[]
        {
            ("plain", NetworkConverter.Emit(ModelImporter.Load(model), KernelPreference.Plain).Blob),
            ("balanced", balanced.Blob),
            ("patches", NetworkConverter.LowerRam(balanced, balanced.Plan.TotalBytes * 4 / 5).Blob),
        })
        {
            int runs = 0;
            var session = new Session(Model.Load(blob), (call, arena, weights, biases, multipliers, shifts, parameters) =>
            {
                runs++;
                return native(call, arena, weights, biases, multipliers, shifts, parameters);
            });
            int inputBytes = session.Model.Inputs[0].ByteCount;
            int outputBytes = session.Model.Outputs[0].ByteCount;
            using var cases = new CaseFile($"{file}-{way}.bin");
            for (int i = 0; i * inputBytes < inputs.Length; i++)
            {
                ReadOnlySpan<byte> input = inputs.AsSpan(i * inputBytes, inputBytes);
                ReadOnlySpan<byte> output = expected.AsSpan(i * outputBytes, outputBytes);
                session.SetInput(0, (sbyte[])(Array)input.ToArray());
                session.Run();
                var actual = new sbyte[outputBytes];
                session.GetOutput(0, actual);
                Assert.IsTrue(output.SequenceEqual((byte[])(Array)actual), $"{file} sample {i}");
                cases.Add(blob, input, output);
            }

            // What a blob stores sparse, native kernels leave to the managed ones.
            int sparse = session.Model.Operators.Count(o => o.Encoding >= WeightEncoding.Sparse);
            Assert.AreEqual(cases.Count * (session.Model.Operators.Length - sparse), runs, "another operator ran managed");
            if (sparse == 0)
            {
                cases.Check(program);
            }
        }
    }
}
