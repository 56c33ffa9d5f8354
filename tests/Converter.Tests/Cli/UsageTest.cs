using TinyInference.Converter.Cli;

namespace Converter.Tests.Cli;

[TestClass]
public class UsageTest
{
    [TestMethod]
    [DataRow("there is no verb 'convrt'; did you mean 'convert'?", "convrt")]
    [DataRow("there is no verb 'zzzzzz'", "zzzzzz")]
    [DataRow("there is no option '--lmit'; did you mean '--limit'?", "evaluate", "a", "--data", "b", "--lmit", "3")]
    [DataRow("MODEL|BLOB is missing", "evaluate", "--data", "b")]
    [DataRow("Option '--data' is required.", "evaluate", "a")]
    [DataRow("--limit takes a whole number above 0, not 'x'", "evaluate", "a", "--data", "b", "--limit", "x")]
    [DataRow("--limit takes a whole number above 0, not '0'", "evaluate", "a", "--data", "b", "--limit", "0")]
    [DataRow("--input-scale takes a number, not 'NaN'", "evaluate", "a", "--data", "b", "--input-scale", "NaN")]
    [DataRow("--task is one of auto, classification, reconstruction, regression, not 'x'", "convert", "a", "-o", "b", "--task", "x")]
    [DataRow("one argument too many: 'b'", "inspect", "a", "b")]
    public void Wrong_usage_is_explained_on_standard_error(string message, params string[] args)
    {
        ToolRun run = ToolRun.Of(args);

        Assert.AreEqual(ExitCode.Usage, run.ExitCode);
        Assert.AreEqual("", run.Output);
        StringAssert.Contains(run.Error, "error: " + message);
    }

    [TestMethod]
    public void Without_arguments_the_help_is_shown_as_an_error()
    {
        ToolRun run = ToolRun.Of();

        Assert.AreEqual(ExitCode.Usage, run.ExitCode);
        Assert.AreEqual("", run.Output);
        Assert.AreEqual(ToolRun.Of("--help").Output, run.Error);
    }

    [TestMethod]
    public void Version_is_a_number()
    {
        ToolRun run = ToolRun.Of("--version");

        Assert.AreEqual(ExitCode.Done, run.ExitCode);
        StringAssert.Matches(run.Output, new System.Text.RegularExpressions.Regex(@"^\d+\.\d+\.\d+\s*$"));
    }
}
