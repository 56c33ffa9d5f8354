using System.Text.Json;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Import;
using TinyInference.Converter.Quantization;
using Model = TinyInference.Model;

namespace Converter.Tests.Cli;

/// <summary>The verbs that take a blob: run, inspect, evaluate, compare.</summary>
[TestClass]
public class BlobVerbsTest
{
    [TestMethod]
    public void Run_takes_samples_one_after_the_other()
    {
        using var model = new SmallModel();
        string blob = model.Convert();
        byte[] samples = new byte[3 * 120];
        new Random(1).NextBytes(samples);
        string input = model.Write("in.bin", samples);
        string output = model.PathOf("out.bin");

        ToolRun run = ToolRun.Of("run", blob, "--input", input, "--output", output);

        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        var session = new TinyInference.Session(Model.Load(File.ReadAllBytes(blob)));
        byte[] expected = [.. Enumerable.Range(0, 3).SelectMany(i =>
        {
            session.SetInput(0, (sbyte[])(Array)samples[(i * 120)..((i + 1) * 120)]);
            session.Run();
            var result = new sbyte[3];
            session.GetOutput(0, result);
            return (byte[])(Array)result;
        })];
        CollectionAssert.AreEqual(expected, File.ReadAllBytes(output));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(119)]
    [DataRow(241)]
    public void Run_says_how_long_a_sample_is(int bytes)
    {
        using var model = new SmallModel();
        string input = model.Write("in.bin", new byte[bytes]);

        ToolRun run = ToolRun.Of("run", model.Convert(), "--input", input, "--output", model.PathOf("out.bin"));

        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, $"has {bytes} bytes;");
        StringAssert.Contains(run.Error, "takes 120 for each sample (1x12x10x1 int8)");
        Assert.IsFalse(File.Exists(model.PathOf("out.bin")));
    }

    [TestMethod]
    public void A_damaged_blob_is_refused()
    {
        using var model = new SmallModel();
        byte[] bytes = File.ReadAllBytes(model.Convert());
        bytes[^1] ^= 1;
        string damaged = model.Write("damaged.tinf", bytes);

        foreach (string[] args in new string[][] { ["inspect", damaged], ["evaluate", damaged, "--data", model.Data], ["run", damaged, "-i", model.Data, "-o", model.PathOf("o")] })
        {
            ToolRun run = ToolRun.Of(args);
            Assert.AreEqual(ExitCode.Failed, run.ExitCode);
            StringAssert.Contains(run.Error, "is damaged (its checksum does not match)");
        }
    }

    [TestMethod]
    public void Inspect_has_the_figures_for_machines()
    {
        using var model = new SmallModel();
        string blob = model.Convert();
        Model loaded = Model.Load(File.ReadAllBytes(blob));

        using JsonDocument json = JsonDocument.Parse(ToolRun.Of("inspect", blob, "--json").Output);
        using JsonDocument draft = JsonDocument.Parse(ToolRun.Of("inspect", model.Onnx, "--json", "--passes").Output);

        JsonElement root = json.RootElement;
        Assert.AreEqual(loaded.BlobBytes, root.GetProperty("blobBytes").GetInt32());
        Assert.AreEqual(loaded.ArenaBytes + (4 * loaded.Scratch32) + (8 * loaded.Scratch64), root.GetProperty("arenaBytes").GetInt32());
        Assert.AreEqual(loaded.Operators.Sum(o => o.WeightsLength), root.GetProperty("weightBytes").GetInt32());
        Assert.AreEqual(loaded.Operators.Length, root.GetProperty("operators").GetArrayLength());
        Assert.IsTrue(draft.RootElement.GetProperty("passes").GetArrayLength() > 0);
        foreach (string figure in new[] { "macs", "parameters", "weightBytes", "arenaBytes" })
        {
            Assert.AreEqual(root.GetProperty(figure).GetInt64(), draft.RootElement.GetProperty(figure).GetInt64(), figure);
        }
    }

    [TestMethod]
    public void Ram_in_use_is_what_the_planner_counts()
    {
        using var model = new SmallModel();
        TinyInference.Converter.Graphs.Graph graph = NetworkConverter.Prepare(ModelImporter.Load(model.Onnx));
        var samples = new CalibrationSamples(1, _ => [new TinyInference.Converter.Graphs.Tensor(graph.Inputs[0].Shape, new float[120])]);
        ConversionResult result = NetworkConverter.Convert(graph, samples, QuantizationOptions.Default);

        NetworkReport report = BlobReport.Create(Model.Load(result.Blob), "small");

        CollectionAssert.AreEqual(result.Plan.LiveBytesPerOperator, report.Operators.Select(o => o.RamBytes!.Value).ToArray());
        Assert.AreEqual(result.Plan.PeakOperator, report.PeakOperator);
        Assert.AreEqual(result.Plan.TotalBytes, report.Memory!.TotalBytes);
        Assert.AreEqual(TinyInference.Converter.Graphs.Cost.Macs(graph), report.Macs);
    }

    [TestMethod]
    public void Passes_of_a_blob_are_refused()
    {
        using var model = new SmallModel();

        StringAssert.Contains(ToolRun.Of("inspect", model.Convert(), "--passes").Error, "is a blob, which no passes run over");
    }

    [TestMethod]
    public void Evaluate_measures_float_and_int8()
    {
        using var model = new SmallModel();
        string blob = model.Convert();

        using JsonDocument real = JsonDocument.Parse(ToolRun.Of("evaluate", model.Onnx, "--data", model.Data, "--input-scale", "0.00392157", "--json").Output);
        using JsonDocument int8 = JsonDocument.Parse(ToolRun.Of("evaluate", blob, "--data", model.Data, "--json").Output);

        Assert.AreEqual("float", real.RootElement.GetProperty("arithmetic").GetString());
        Assert.AreEqual("int8", int8.RootElement.GetProperty("arithmetic").GetString());
        foreach (JsonElement result in new[] { real.RootElement, int8.RootElement })
        {
            Assert.AreEqual("accuracy", result.GetProperty("metric").GetString());
            Assert.AreEqual(SmallModel.Samples, result.GetProperty("samples").GetInt32());
            Assert.AreEqual(3, result.GetProperty("classes").GetArrayLength());
            Assert.AreEqual(result.GetProperty("correct").GetInt32() / (double)SmallModel.Samples, result.GetProperty("value").GetDouble(), 1e-12);
        }

        Assert.AreEqual(5, JsonDocument.Parse(ToolRun.Of("evaluate", blob, "--data", model.Data, "--json", "--limit", "5").Output).RootElement.GetProperty("samples").GetInt32());
    }

    [TestMethod]
    public void Evaluate_wants_labels_of_the_networks_classes()
    {
        using var model = new SmallModel();
        string blob = model.Convert();
        string images = model.Write("other.npy", Data.TemporaryFiles.Npy("|u1", "2, 12, 10", new byte[240]));
        string labels = model.Write("labels.csv", "0\n7\n");
        string tooFew = model.Write("few.csv", "0\n");

        StringAssert.Contains(ToolRun.Of("evaluate", blob, "--data", images).Error, "has no labels to compare with; give them with --labels FILE");
        StringAssert.Contains(ToolRun.Of("evaluate", blob, "--data", images, "--labels", labels).Error, "has labels up to 7, the network tells 3 classes (0 to 2) apart");
        StringAssert.Contains(ToolRun.Of("evaluate", blob, "--data", images, "--labels", tooFew).Error, "has 2 samples, but");
    }

    [TestMethod]
    public void Compare_follows_the_loss_through_the_operators()
    {
        using var model = new SmallModel();
        string blob = model.Convert();

        ToolRun text = ToolRun.Of("compare", model.Onnx, blob, "--data", model.Data);
        using JsonDocument json = JsonDocument.Parse(ToolRun.Of("compare", model.Onnx, blob, "--data", model.Data, "--json").Output);

        Assert.AreEqual(ExitCode.Done, text.ExitCode, text.Error);
        StringAssert.Contains(text.Output, "<- lowest signal to noise ratio");
        Assert.IsTrue(json.RootElement.GetProperty("agreement").GetDouble() > 0.8);
        foreach (JsonElement op in json.RootElement.GetProperty("operators").EnumerateArray())
        {
            Assert.IsTrue(op.GetProperty("signalToNoiseDecibels").GetDouble() > 15, op.ToString());
            Assert.IsTrue(op.GetProperty("saturation").GetDouble() < 0.01, op.ToString());
        }
    }

    [TestMethod]
    public void Compare_shows_what_each_repair_does()
    {
        using var model = new SmallModel();
        string blob = model.Convert();
        ToolRun text = ToolRun.Of("compare", model.Onnx, blob, "--data", model.Data, "--repairs", model.Data);
        Assert.AreEqual(ExitCode.Done, text.ExitCode, text.Error);
        using JsonDocument json = JsonDocument.Parse(ToolRun.Of("compare", model.Onnx, blob, "--data", model.Data, "--repairs", model.Data, "--json").Output);
        foreach (string repair in new[] { "none", "--bias-correction", "--equalize", "--adaptive-rounding" })
        {
            StringAssert.Contains(text.Output, repair);
            Assert.AreEqual(2, json.RootElement.GetProperty("repairs").EnumerateArray().Count(r => r.GetProperty("repair").GetString() == repair));
        }
    }

    [TestMethod]
    public void The_keyword_model_runs_to_the_golden_bytes()
    {
        string tflite = SharedFiles.Path("models/mlperf-tiny/kws_ref_model.tflite");
        string inputs = SharedFiles.Path("goldens/kws_ref_model.inputs.bin");
        byte[] expected = File.ReadAllBytes(SharedFiles.Path("goldens/kws_ref_model.outputs.bin"));
        using var files = new Data.TemporaryFiles();
        string blob = Path.Combine(files.Folder, "kws.tinf");
        string output = Path.Combine(files.Folder, "out.bin");

        Assert.AreEqual(ExitCode.Done, ToolRun.Of("convert", tflite, "-o", blob).ExitCode);
        Assert.AreEqual(ExitCode.Done, ToolRun.Of("run", blob, "--input", inputs, "--output", output).ExitCode);
        CollectionAssert.AreEqual(expected, File.ReadAllBytes(output));
    }
}
