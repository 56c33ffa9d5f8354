using TinyInference.Converter.Conversion;
using TinyInference.Converter.Import;

namespace Converter.Tests.Lowering;

using TinyInference;

/// <summary>Every tensor between the operators, against TensorFlow Lite Micro's, for sample 0 of the golden inputs.</summary>
[TestClass]
public class LayersTest
{
    [TestMethod]
    [DataRow("kws", "kws_ref_model")]
    [DataRow("ic", "pretrainedResnet_quant")]
    [DataRow("sww", "str_ww_ref_model")]
    [DataRow("vww", "vww_96_int8")]
    [DataRow("lstm", "trained_lstm_int8", "tflite-micro")]
    public void Each_layer_gives_the_bytes_of_TensorFlow_Lite_Micro(string folder, string model, string models = "mlperf-tiny")
    {
        string[] rows = File.ReadAllLines(SharedFiles.Path($"goldens/{folder}.layers/INDEX.tsv"))[1..];
        ConversionResult network = NetworkConverter.Emit(NetworkConverter.Prepare(ModelImporter.Load(SharedFiles.Path($"models/{models}/{model}.tflite"))));
        var session = new Session(Model.Load(network.Blob));
        var recorder = new Recorder(session);
        session.Observer = recorder;
        var input = new sbyte[session.Model.Inputs[0].ByteCount];
        Buffer.BlockCopy(File.ReadAllBytes(SharedFiles.Path($"goldens/{model}.inputs.bin")), 0, input, 0, input.Length);
        session.SetInput(0, input);
        session.Run();

        foreach (string row in rows)
        {
            string[] fields = row.Split('\t');
            if (fields[1] == "RESHAPE")
            {
                continue;
            }

            byte[] expected = File.ReadAllBytes(SharedFiles.Path($"goldens/{folder}.layers/{fields[0]}"));
            Assert.IsTrue(recorder.Outputs.Exists(o => o.AsSpan().SequenceEqual(expected)), $"no operator gives {fields[0]}");
        }

        Assert.AreEqual(rows.Count(r => r.Split('\t')[1] != "RESHAPE"), recorder.Outputs.Count);
    }

    private sealed class Recorder(Session session) : IOperatorObserver
    {
        public List<byte[]> Outputs { get; } = [];

        public void Starting(Operator op)
        {
        }

        public void Finished(Operator op) =>
            Outputs.Add([.. session.Arena.AsSpan(op.Outputs[0].ArenaOffset, op.Outputs[0].ByteCount).ToArray().Select(x => (byte)x)]);
    }
}
