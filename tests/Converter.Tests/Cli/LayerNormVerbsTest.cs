using System.Text.Json;
using Converter.Tests.Compression;
using Converter.Tests.Data;
using TinyInference.Converter.Cli;

namespace Converter.Tests.Cli;

/// <summary>A network with layer normalization from training to its blob.</summary>
[TestClass]
public sealed class LayerNormVerbsTest : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void A_trained_network_keeps_its_accuracy_in_int8()
    {
        const int Samples = 2000;
        string data = PatternsData.WriteIdx(_files.Folder, 600, 1);
        string test = PatternsData.WriteIdx(_files.Folder, Samples, 2);
        string network = At("net.onnx");
        string blob = At("net.tinf");
        Done("train", "--model", "mlp:64-8-6,norm=layer", "--data", data, "--epochs", "6", "--rate", "0.005", "-o", network);
        Done("convert", network, "--calibration", data, "-o", blob);

        StringAssert.Contains(Done("inspect", blob).Output, "LayerNorm");
        double real = Accuracy(network, test);
        double int8 = Accuracy(blob, test);
        Console.WriteLine($"{real:P2} in float, {int8:P2} in int8");
        Assert.IsGreaterThan(0.7, real);
        Assert.IsLessThanOrEqualTo(0.005, Math.Abs(real - int8));
    }

    private static double Accuracy(string model, string data) =>
        JsonDocument.Parse(Done("evaluate", model, "--data", data, "--json").Output).RootElement.GetProperty("value").GetDouble();

    private string At(string name) => Path.Combine(_files.Folder, name);

    private static ToolRun Done(params string[] args)
    {
        ToolRun run = ToolRun.Of(args);
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        return run;
    }
}
