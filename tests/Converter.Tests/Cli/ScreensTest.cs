namespace Converter.Tests.Cli;

/// <summary>
/// Whole screens against stored ones (Screens/NAME.txt). After a change that is meant, TINYINFERENCE_STORE_SCREENS=1 in the environment
/// makes the tests store what they see; read the difference before committing it.
/// </summary>
[TestClass]
public class ScreensTest
{
    private const int MostLines = 50;

    [TestMethod]
    [DataRow("help")]
    [DataRow("help-convert", "convert")]
    [DataRow("help-inspect", "inspect")]
    [DataRow("help-evaluate", "evaluate")]
    [DataRow("help-compare", "compare")]
    [DataRow("help-run", "run")]
    [DataRow("help-train", "train")]
    [DataRow("help-keywords-train", "keywords", "train")]
    [DataRow("help-listen", "listen")]
    [DataRow("help-lightrnn", "lightrnn")]
    [DataRow("help-lightrnn-train", "lightrnn", "train")]
    [DataRow("help-commands", "commands")]
    [DataRow("help-commands-train", "commands", "train")]
    [DataRow("help-commands-test", "commands", "test")]
    public void Help(string screen, params string[] verb)
    {
        ToolRun run = ToolRun.At(80, CancellationToken.None, [.. verb, "--help"]);

        Assert.AreEqual(0, run.ExitCode);
        Assert.IsTrue(run.Output.Split('\n').Length <= MostLines, "the help of a verb is one screen");
        AssertIsStored(screen, run.Output);
    }

    [TestMethod]
    public void Inspect_at_60_columns()
    {
        using var model = new SmallModel();

        ToolRun run = ToolRun.At(60, CancellationToken.None, "inspect", model.Convert());

        string output = run.Output.Replace(model.Folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        Assert.IsTrue(output.Split('\n').All(l => l.Length <= 60), output);
        AssertIsStored("inspect-60", output);
    }

    [TestMethod]
    public void Inspect_in_a_pipe()
    {
        using var model = new SmallModel();

        ToolRun run = ToolRun.Of("inspect", model.Convert());

        Assert.IsFalse(run.Output.Contains('\u001b'), "no colour codes in a pipe");
        AssertIsStored("inspect-pipe", run.Output.Replace(model.Folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Every_verb_fits_60_columns()
    {
        foreach (string verb in new[] { "convert", "inspect", "evaluate", "compare", "run", "train" })
        {
            string help = ToolRun.At(60, CancellationToken.None, verb, "--help").Output;
            Assert.IsTrue(help.Split('\n').All(l => l.Length <= 60), help);
        }
    }

    private static void AssertIsStored(string screen, string text)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Cli", "Screens", screen + ".txt");
        if (Environment.GetEnvironmentVariable("TINYINFERENCE_STORE_SCREENS") == "1")
        {
            File.WriteAllText(Path.Combine(SourceFolder(), screen + ".txt"), text);
            return;
        }

        Assert.AreEqual(File.ReadAllText(path), text, $"the screen '{screen}' has changed");
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "Screens");
}
