using TinyInference.Converter.Conversion;
using TinyInference.Converter.Import;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Quantization;

namespace Converter.Tests.Lowering;

using TinyInference;

/// <summary>Quantized TensorFlow Lite models, converted and run, against what TensorFlow Lite Micro's reference kernels gave.</summary>
[TestClass]
public class GoldenTest
{
    [TestMethod]
    [DataRow("mlperf-tiny/kws_ref_model", 30_000, 17_024)]
    [DataRow("mlperf-tiny/pretrainedResnet_quant", 84_000, 35_000)]
    [DataRow("mlperf-tiny/ad01_int8", 275_000, 1_792)]
    [DataRow("mlperf-tiny/vww_96_int8", 242_000, 38_500)]
    [DataRow("mlperf-tiny/str_ww_ref_model", int.MaxValue, int.MaxValue)]
    [DataRow("tflite-micro/hello_world_int8", int.MaxValue, int.MaxValue)]
    public void Outputs_are_those_of_TensorFlow_Lite_Micro(string name, int mostBlobBytes, int mostRamBytes)
    {
        string file = Path.GetFileName(name);
        byte[] inputs = File.ReadAllBytes(SharedFiles.Path($"goldens/{file}.inputs.bin"));
        byte[] expected = File.ReadAllBytes(SharedFiles.Path($"goldens/{file}.outputs.bin"));
        ConversionResult result = Convert(name);

        byte[] actual = Run(new Session(Model.Load(result.Blob)), inputs);

        CollectionAssert.AreEqual(expected, actual);
        Console.WriteLine($"{file}: blob {result.Blob.Length} bytes, arena {result.Plan.ArenaBytes} (bound {result.Plan.LowerBound}), with scratch {result.Plan.TotalBytes}");
        Assert.IsTrue(result.Plan.ArenaBytes <= result.Plan.LowerBound * 1.02, "the placement is far from the bound");
        Assert.IsTrue(result.Blob.Length <= mostBlobBytes, $"{result.Blob.Length} bytes of blob");
        Assert.IsTrue(result.Plan.TotalBytes <= mostRamBytes, $"{result.Plan.TotalBytes} bytes of RAM");
    }

    [TestMethod]
    [DataRow("trained_lstm_int8.outputs.bin", true, false)]
    [DataRow("trained_lstm_int8.outputs-carried.bin", false, false)]
    [DataRow("trained_lstm_int8.outputs-carried.bin", false, true)]
    public void A_recurrent_state_is_carried_and_reset_as_by_TensorFlow_Lite_Micro(string outputs, bool reset, bool isPacked)
    {
        byte[] inputs = File.ReadAllBytes(SharedFiles.Path("goldens/trained_lstm_int8.inputs.bin"));
        ConversionResult result = Convert("tflite-micro/trained_lstm_int8", isPacked ? KernelPreference.Speed : KernelPreference.Balanced);

        byte[] actual = Run(new Session(Model.Load(result.Blob)), inputs, reset);

        CollectionAssert.AreEqual(File.ReadAllBytes(SharedFiles.Path($"goldens/{outputs}")), actual);
    }

    private static ConversionResult Convert(string name, KernelPreference kernels = KernelPreference.Balanced) =>
        NetworkConverter.Convert(NetworkConverter.Prepare(ModelImporter.Load(SharedFiles.Path($"models/{name}.tflite"))), null, QuantizationOptions.Default, kernels);

    private static byte[] Run(Session session, byte[] inputs, bool reset = false)
    {
        var input = new sbyte[session.Model.Inputs[0].ByteCount];
        var output = new sbyte[session.Model.Outputs[0].ByteCount];
        var outputs = new List<byte>();
        for (int start = 0; start < inputs.Length; start += input.Length)
        {
            Buffer.BlockCopy(inputs, start, input, 0, input.Length);
            if (reset)
            {
                session.ResetState();
            }

            session.SetInput(0, input);
            session.Run();
            session.GetOutput(0, output);
            outputs.AddRange((byte[])(Array)output);
        }

        return [.. outputs];
    }
}
