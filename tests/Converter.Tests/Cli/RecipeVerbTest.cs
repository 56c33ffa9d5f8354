using Converter.Tests.Compression;
using Converter.Tests.Data;
using TinyInference.Converter.Cli;

namespace Converter.Tests.Cli;

[TestClass]
public sealed class RecipeVerbTest : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void A_chain_gives_one_report_of_all_steps()
    {
        string data = Path.GetFileName(PatternsData.WriteIdx(_files.Folder, 300, 1));
        string test = Path.GetFileName(PatternsData.WriteIdx(_files.Folder, 120, 2));
        string recipe = _files.Write("small.json", $$"""
            {
              "title": "Patterns & <more>", "data": "{{data}}", "test": "{{test}}",
              "steps": [
                { "verb": "train", "model": "mlp:64-16-6", "epochs": 4, "rate": 0.01 },
                { "verb": "prune", "structure": "channels", "keep": 0.5, "rounds": 1, "max-loss": 0.5, "per-layer": true },
                { "verb": "distil", "teacher": "@1", "epochs": 2, "hint": [] },
                { "verb": "qat", "qat-epochs": 1 }
              ]
            }
            """);
        ToolRun run = ToolRun.Of("recipe", recipe);
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        string folder = Path.Combine(_files.Folder, "small.out");
        string report = File.ReadAllText(Path.Combine(folder, "report.html"));
        StringAssert.Contains(report, "Patterns &amp; &lt;more&gt;");
        Assert.AreEqual(4, report.Split("<svg").Length - 1);
        StringAssert.Contains(report, "4 qat");
        Assert.IsFalse(report.Contains("http", StringComparison.Ordinal), "the report must need nothing from outside");
        Assert.IsTrue(File.Exists(Path.Combine(folder, "4-qat.tinf")));
    }

    [TestMethod]
    public void Trees_are_float_until_they_are_converted_and_a_warning_is_said_once()
    {
        var rows = new System.Text.StringBuilder("a,b,label\n");
        for (int i = 0; i < 60; i++)
        {
            rows.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i},{i * 7 % 60},{i / 2.0},{(i * 7 % 60 > 30 ? "up" : "down")}\n");
        }

        string data = Path.GetFileName(_files.Write("table.csv", rows.ToString()));
        string recipe = _files.Write("trees.json", $$"""{ "data": "{{data}}", "test": "{{data}}", "steps": [ { "verb": "train", "model": "tree" }, { "verb": "convert" } ] }""");
        ToolRun run = ToolRun.Of("recipe", recipe);
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        StringAssert.Matches(run.Output, new("1 train +float +100.00 %"));
        StringAssert.Matches(run.Output, new("2 convert +int8 +100.00 %"));
        Assert.AreEqual(2, run.Error.Split("one field more").Length, run.Error);
        string report = File.ReadAllText(Path.Combine(_files.Folder, "trees.out", "report.html"));
        Assert.AreEqual(3, report.Split("<svg").Length - 1, "a tree has no multiply-accumulates to draw");
    }

    [TestMethod]
    [DataRow("[]", "a recipe is an object")]
    [DataRow("{ \"data\": ", "is no JSON: line 1")]
    [DataRow("{ \"steps\": [] }", "the field \"data\" is missing")]
    [DataRow("{ \"data\": \"d\", \"steps\": [ {} ] }", "the field \"test\" is missing")]
    [DataRow("{ \"data\": 5, \"steps\": [ {} ] }", "the field \"data\" must be a text")]
    [DataRow("{ \"data\": \"d\", \"test\": \"t\", \"stps\": [] }", "the field \"stps\" is not known")]
    [DataRow("{ \"data\": \"d\", \"test\": \"t\", \"steps\": [] }", "the field \"steps\"")]
    [DataRow("{ \"data\": \"d\", \"test\": \"t\", \"steps\": [ {} ] }", "steps[0]: the field \"verb\" is missing")]
    [DataRow("{ \"data\": \"d\", \"test\": \"t\", \"steps\": [ { \"verb\": \"bake\" } ] }", "the field \"verb\" is \"bake\"")]
    [DataRow("{ \"data\": \"d\", \"test\": \"t\", \"steps\": [ { \"verb\": \"prune\" } ] }", "no network before it")]
    [DataRow("{ \"data\": \"d\", \"test\": \"t\", \"steps\": [ { \"verb\": \"train\", \"modl\": \"linear\" } ] }", "steps[0] (train): the field \"modl\" is not known")]
    [DataRow("{ \"data\": \"d\", \"test\": \"t\", \"steps\": [ { \"verb\": \"train\", \"model\": \"linear\", \"epochs\": \"many\" } ] }", "--epochs takes a whole number")]
    [DataRow("{ \"data\": \"d\", \"test\": \"t\", \"steps\": [ { \"verb\": \"train\", \"model\": \"linear\", \"epochs\": { } } ] }", "the field \"epochs\" must be")]
    [DataRow("{ \"data\": \"d\", \"test\": \"t\", \"steps\": [ { \"verb\": \"train\" } ] }", "--model")]
    [DataRow("{ \"data\": \"d\", \"test\": \"t\", \"steps\": [ { \"verb\": \"train\", \"model\": \"linear\" }, { \"verb\": \"distil\", \"teacher\": \"@7\" } ] }", "\"@7\"")]
    [DataRow("{ \"data\": \"d\", \"test\": \"t\", \"steps\": [ { \"verb\": \"train\", \"model\": \"linear\" }, { \"verb\": \"distil\" } ] }", "the field \"student\" is missing")]
    public void What_is_wrong_with_a_recipe_is_named_before_anything_runs(string json, string message)
    {
        ToolRun run = ToolRun.Of("recipe", _files.Write("bad.json", json));
        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, message);
        Assert.IsFalse(Directory.Exists(Path.Combine(_files.Folder, "bad.out")));
    }

    [TestMethod]
    public void Repairs_are_options_of_convert()
    {
        string data = PatternsData.WriteIdx(_files.Folder, 240, 1);
        string network = Path.Combine(_files.Folder, "net.onnx");
        Assert.AreEqual(ExitCode.Done, ToolRun.Of("train", "--model", "dscnn:width=8,blocks=1", "--data", data, "--epochs", "2", "-o", network).ExitCode);
        var blobs = new HashSet<string>();
        foreach (string options in new[] { "", "--equalize", "--adaptive-rounding", "--bias-correction off", $"--qat {data} --qat-epochs 1" })
        {
            string blob = Path.Combine(_files.Folder, "net.tinf");
            ToolRun run = ToolRun.Of(["convert", network, "--calibration", data, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-o", blob]);
            Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
            Assert.IsTrue(blobs.Add(Convert.ToHexString(File.ReadAllBytes(blob))), $"{options} changed nothing");
        }

        ToolRun refused = ToolRun.Of("convert", network, "--calibration", data, "--qat", data, "--qat-rate", "0", "-o", Path.Combine(_files.Folder, "x.tinf"));
        StringAssert.Contains(refused.Error, "--qat-rate");
    }
}
