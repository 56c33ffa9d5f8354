using System.Globalization;
using System.Text.Json;
using Converter.Tests.Data;
using TinyInference.Converter.Cli;

namespace Converter.Tests.Cli;

/// <summary>Networks that learn a number, from a CSV file to a blob.</summary>
[TestClass]
public sealed class RegressionTest : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void A_network_learns_numbers_in_their_own_unit()
    {
        // Columns of very different ranges, and numbers around 1000 with a deviation of about 90.
        string data = Rows("y.csv", 600, i => string.Create(CultureInfo.InvariantCulture, $"{i * 37 % 101 * 1000},{i * 53 % 19 * 0.01},{1000.5 + (3 * (i * 37 % 101)) - (2 * (i * 53 % 19))}"));
        string output = At("y.onnx");

        ToolRun run = ToolRun.Of("train", "--model", "mlp:2-16-1", "--task", "regression", "--data", data, "--epochs", "40", "--rate", "0.01", "--json", "-o", output);

        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        using JsonDocument report = JsonDocument.Parse(run.Output);
        Assert.AreEqual("rootMeanSquaredError", report.RootElement.GetProperty("metric").GetString());
        double heldOut = report.RootElement.GetProperty("heldOut").GetDouble();
        Assert.IsTrue(heldOut < 10, $"{heldOut}");
        double evaluated = Root(output, data);
        Assert.AreEqual(report.RootElement.GetProperty("train").GetDouble(), evaluated, 2);
        ToolRun converted = ToolRun.Of("convert", output, "--calibration", data, "-o", At("y.tinf"));
        Assert.AreEqual(ExitCode.Done, converted.ExitCode, converted.Error);
        Assert.AreEqual(evaluated, Root(At("y.tinf"), data), 5);
        Assert.AreEqual(ExitCode.Done, ToolRun.Of("compare", output, At("y.tinf"), "--data", data).ExitCode);

        // It says what it is for, and goes on where it was.
        ToolRun again = ToolRun.Of("train", "--model", output, "--data", data, "--epochs", "1", "--rate", "0.0001", "-o", At("again.onnx"));
        StringAssert.Contains(again.Output, "root of mean squared error", again.Error);
        Assert.AreEqual(evaluated, Root(At("again.onnx"), data), 2);
    }

    [TestMethod]
    [DataRow("mlp:2-16-2", "from 2 inputs to 1 number")]
    [DataRow("autoencoder:2-1", "learns no number")]
    public void What_gives_no_number_is_refused(string model, string message)
    {
        ToolRun run = ToolRun.Of("train", "--model", model, "--task", "regression", "--data", Rows("y.csv", 40, i => $"{i},{i % 3},{i}.5"), "-o", At("x.onnx"));
        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, message);
    }

    [TestMethod]
    public void Data_without_numbers_are_refused()
    {
        ToolRun run = ToolRun.Of("train", "--model", "mlp:2-16-1", "--task", "regression", "--data", Rows("y.csv", 40, i => $"{i},{i % 3},word"), "-o", At("x.onnx"));
        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, "regression needs numbers");
    }

    private static double Root(string network, string data)
    {
        ToolRun run = ToolRun.Of("evaluate", network, "--data", data);
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        const string Name = "rootMeanSquaredError: ";
        return double.Parse(run.Output.Split('\n').Single(l => l.StartsWith(Name, StringComparison.Ordinal))[Name.Length..], CultureInfo.InvariantCulture);
    }

    private string Rows(string name, int count, Func<int, string> row) => _files.Write(name, "a,b,y\n" + string.Join('\n', Enumerable.Range(0, count).Select(row)));

    private string At(string name) => Path.Combine(_files.Folder, name);
}
