using TinyInference.Converter.Cli;

namespace Converter.Tests.Cli;

/// <summary>convert --emit csharp.</summary>
[TestClass]
public class CodeOptionsTest
{
    [TestMethod]
    public void Code_goes_into_one_file_that_compiles()
    {
        using var model = new SmallModel();
        string code = model.PathOf("Small.g.cs");

        ToolRun run = Emit(model, code);

        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "class Small");
        Assert.IsNotEmpty(TinyInference.SideBySide.CompiledNetwork.Compile("Small", [File.ReadAllText(code)]));
    }

    [TestMethod]
    public void Or_into_a_file_for_each_assembly()
    {
        using var model = new SmallModel();
        string folder = model.PathOf("code");

        ToolRun run = Emit(model, folder, "--max-il-bytes", "4000");

        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        CollectionAssert.IsSubsetOf(new[] { "Small.1.g.cs", "Small.g.cs" }, Directory.GetFiles(folder).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void A_folder_that_is_a_file_is_refused()
    {
        using var model = new SmallModel();
        string file = model.Write("code", "");

        ToolRun run = Emit(model, file);

        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, "is a file; code goes into a file that ends in .cs, or into a folder");
    }

    private static ToolRun Emit(SmallModel model, string output, params string[] options) =>
        ToolRun.Of(["convert", model.Onnx, "--calibration", model.Data, "--input-scale", "0.00392157", "--emit", "csharp", "-o", output, .. options]);
}
