using System.Globalization;
using Converter.Tests.Data;
using TinyInference;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Data;
using TinyInference.Converter.Emission.CSharp;
using TinyInference.Converter.Estimation;
using TinyInference.Converter.Quantization;
using TinyInference.SideBySide;

namespace Converter.Tests.Cli;

/// <summary>From a CSV file to trees, a blob and back to its accuracy.</summary>
[TestClass]
public sealed class TreeVerbTest : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void Words_of_other_rows_mean_the_same_to_the_blob()
    {
        string train = _files.Write("train.csv", Rows(400, ["red", "green", "blue"]));
        string test = _files.Write("test.csv", Rows(60, ["green", "violet"]));
        string[] options = ["--label-column", "kind", "--drop-columns", "id", "--against-rest", "ripe"];

        ToolRun run = ToolRun.Of(["train", "--model", "tree:depth=6", "--data", train, "--test", test, .. options, "-o", At("tree.onnx")]);

        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "1 tree, ");
        string accuracy = run.Output.Split('\n').Single(l => l.StartsWith("accuracy test: ", StringComparison.Ordinal))["accuracy test: ".Length..].Trim();
        foreach (string[] calibration in new[] { [], new[] { "--calibration", train } })
        {
            ToolRun converted = ToolRun.Of(["convert", At("tree.onnx"), .. calibration, "-o", At("tree.tinf")]);
            Assert.AreEqual(ExitCode.Done, converted.ExitCode, converted.Error);
            ToolRun evaluated = ToolRun.Of("evaluate", At("tree.tinf"), "--data", test, "--label-column", "kind");
            StringAssert.Contains(evaluated.Output, $"accuracy: {accuracy}", evaluated.Error);
        }

        StringAssert.Contains(ToolRun.Of("inspect", At("tree.tinf")).Output, "1 tree, ");
    }

    [TestMethod]
    [DataRow("tree:leaf=4")]
    [DataRow("boosted:trees=20")]
    [DataRow("linear")]
    public void Numbers_are_learned_too(string model)
    {
        string data = _files.Write("numbers.csv", "a,b,y\n" + string.Join('\n', Enumerable.Range(0, 300).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i % 17},{i % 5},{(2 * (i % 17)) - (i % 5)}"))));

        ToolRun run = ToolRun.Of("train", "--model", model, "--task", "regression", "--data", data, "--json", "-o", At("n.onnx"));

        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "meanSquaredError");
        Assert.AreEqual(ExitCode.Done, ToolRun.Of("convert", At("n.onnx"), "--calibration", data, "-o", At("n.tinf")).ExitCode);
        ToolRun evaluated = ToolRun.Of("evaluate", At("n.tinf"), "--data", data);
        Assert.AreEqual(ExitCode.Done, evaluated.ExitCode, evaluated.Error);
        StringAssert.Contains(evaluated.Output, "meanSquaredError");
    }

    [TestMethod]
    public void The_wall_following_robot_is_steered_by_two_kilobytes()
    {
        string data = SharedFiles.Path("data/wall-following-24/wall-24.csv.gz");

        ToolRun run = ToolRun.Of("train", "--model", "tree:criterion=entropy", "--data", data, "--hold-out", "0.2", "--hold-out-blocks", "100", "--json", "-o", At("wall.onnx"));

        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        using var report = System.Text.Json.JsonDocument.Parse(run.Output);
        Assert.IsGreaterThanOrEqualTo(0.985, report.RootElement.GetProperty("heldOut").GetDouble());
        Assert.AreEqual(ExitCode.Done, ToolRun.Of("convert", At("wall.onnx"), "--calibration", data, "-o", At("wall.tinf")).ExitCode);
        Assert.IsLessThanOrEqualTo(2048, new FileInfo(At("wall.tinf")).Length);
    }

    /// <summary>As docs/trees.md says.</summary>
    [TestMethod]
    public void A_generated_tree_takes_a_third_of_the_blobs_instructions()
    {
        string data = SharedFiles.Path("data/wall-following-24/wall-24.csv.gz");
        ToolRun run = ToolRun.Of("train", "--model", "tree:criterion=entropy", "--data", data, "--hold-out", "0.2", "--hold-out-blocks", "100", "-o", At("t.onnx"));
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        ModelFile onnx = ModelFile.Load(At("t.onnx"), Screen.OfProcess());
        Dataset samples = DatasetLoader.Load(data, DatasetOptions.Default);
        InputBinding binding = InputBinding.Create(samples, InputTensor.Of(onnx.Graph.Inputs[0]), FloatNetwork.PreparationOf(onnx.Graph));
        float[] Read(int i)
        {
            var real = new float[binding.Elements];
            binding.Read((int)((long)i * samples.Count / 3000), real);
            return real;
        }

        ConversionResult result = NetworkConverter.Convert(onnx.Graph, new CalibrationSamples(3000, i => [FloatNetwork.Bind(onnx.Graph.Inputs[0], Read(i))]), new QuantizationOptions());
        CSharpNetwork code = CSharpEmitter.Emit(result.Graph, new CSharpOptions("Net"));
        byte[] input = InstructionMeter.RandomInput(Model.Load(result.Blob));
        using var meter = new InstructionMeter();
        RunCounts counts = meter.Count(result.Blob, input);
        long blob = counts.Operators.Sum(o => o.Total) + counts.Session.Total;
        long generated = IlCounts.Generated(result, code, input).Total;
        Console.WriteLine($"blob {blob}, generated {generated}, {code.IlBytes} bytes of IL");
        Assert.IsLessThanOrEqualTo(900, blob);
        Assert.IsLessThanOrEqualTo(300, generated);
    }

    [TestMethod]
    [DataRow("tree:depth=0", "depth is a number")]
    [DataRow("forest:tree=3", "'tree=3' is not known")]
    public void What_cannot_be_grown_is_named(string model, string message)
    {
        ToolRun run = ToolRun.Of("train", "--model", model, "--data", _files.Write("t.csv", Rows(40, ["red", "blue"])), "--label-column", "kind", "-o", At("x.onnx"));

        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, message);
        Assert.IsFalse(File.Exists(At("x.onnx")));
    }

    private static string Rows(int count, string[] colours)
    {
        var random = new Random(count);
        var lines = new List<string> { "id,size,colour,kind" };
        for (int i = 0; i < count; i++)
        {
            string colour = colours[random.Next(colours.Length)];
            float size = random.NextSingle() * 10;
            string kind = colour == "red" && size > 4 ? "ripe" : colour == "green" ? "raw" : "odd";
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{i},{size},{colour},{kind}"));
        }

        return string.Join('\n', lines);
    }

    private string At(string name) => Path.Combine(_files.Folder, name);
}
