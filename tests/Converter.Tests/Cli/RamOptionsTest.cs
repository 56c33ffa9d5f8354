using System.Text.Json;
using TinyInference.Converter.Cli;

namespace Converter.Tests.Cli;

/// <summary>convert --max-ram and --patches.</summary>
[TestClass]
public class RamOptionsTest
{
    [TestMethod]
    public void A_limit_is_met_by_stripes_which_convert_and_inspect_show()
    {
        string model = SharedFiles.Path("models/mlperf-tiny/vww_96_int8.tflite");
        using var files = new Data.TemporaryFiles();
        string blob = Path.Combine(files.Folder, "vww.tinf");

        ToolRun run = ToolRun.Of("convert", model, "--max-ram", "32000", "-o", blob);

        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "2 layers in 4 stripes of rows, 18,432 more MACs (0.2");
        using JsonDocument report = JsonDocument.Parse(ToolRun.Of("inspect", blob, "--json").Output);
        Assert.IsLessThanOrEqualTo(32_000, report.RootElement.GetProperty("arenaBytes").GetInt32());
        JsonElement patch = report.RootElement.GetProperty("patches")[0];
        Assert.AreEqual((2, 4, 18_432), (patch.GetProperty("layers").GetInt32(), patch.GetProperty("stripes").GetInt32(), patch.GetProperty("extraMacs").GetInt32()));
        Assert.AreEqual(210_850, report.RootElement.GetProperty("parameters").GetInt32());
    }

    [TestMethod]
    public void A_limit_that_is_met_changes_nothing()
    {
        using var model = new SmallModel();
        byte[] plain = File.ReadAllBytes(model.Convert());
        CollectionAssert.AreEqual(plain, File.ReadAllBytes(model.Convert("--max-ram", "100000")));
    }

    [TestMethod]
    [DataRow("auto", "no way was found to need less")]
    [DataRow("off", "without --patches off it may need less")]
    public void A_limit_that_cannot_be_met_is_refused(string patches, string expected)
    {
        using var model = new SmallModel();
        string blob = model.PathOf("small.tinf");

        ToolRun run = ToolRun.Of("convert", model.Onnx, "--calibration", model.Data, "--input-scale", "0.00392157", "--max-ram", "64", "--patches", patches, "-o", blob);

        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, "--max-ram allows 64");
        StringAssert.Contains(run.Error, expected);
        Assert.IsFalse(File.Exists(blob));
    }

    [TestMethod]
    public void Code_has_no_stripes()
    {
        using var model = new SmallModel();
        ToolRun run = ToolRun.Of("convert", model.Onnx, "--calibration", model.Data, "--emit", "csharp", "--patches", "on", "-o", model.PathOf("a.cs"));
        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, "are for blobs");
    }
}
