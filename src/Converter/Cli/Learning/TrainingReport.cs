using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>What came out of a training.</summary>
/// <param name="Metric">"accuracy", "meanSquaredError" (of a network that reconstructs its input) or "rootMeanSquaredError" (of one that gives a number).</param>
/// <param name="Train">The metric of the kept network on the samples it learned from; held out and test likewise, NaN where there were none.</param>
internal sealed record TrainingReport(
    string File, long Parameters, long Macs, IReadOnlyList<EpochResult> History, int BestEpoch, bool StoppedEarly, string Metric, double Train, double HeldOut, double Test)
{
    private const string Root = "rootMeanSquaredError";

    private bool IsAccuracy => Metric == "accuracy";

    /// <summary>Measures the network that <paramref name="run"/> kept.</summary>
    /// <param name="scaling">Of the numbers that it learned; null for classes and autoencoders.</param>
    public static TrainingReport Create(Graph graph, TrainingRun run, TrainingData data, TargetScaling? scaling, string output)
    {
        double InUnit(double measured) => scaling is null ? measured : Math.Sqrt(measured) * scaling.Deviation;
        double Measure(Dataset? part) => part is null ? double.NaN : InUnit(run.Measure(part));
        return new TrainingReport(
            output, Cost.Parameters(graph), Cost.Macs(graph), [.. run.History.Select(e => e with { HeldOut = InUnit(e.HeldOut) })], run.BestEpoch, run.StoppedEarly,
            scaling is not null ? Root : data.Train.Labels is null ? "meanSquaredError" : "accuracy", Measure(data.Train), Measure(data.HeldOut), Measure(data.Test));
    }

    /// <summary>For people.</summary>
    public void Write(IAnsiConsole console)
    {
        LearningCurve.Write("loss", "G3", [new LearningCurve.Series("train", [.. History.Select(e => e.Loss)], 'o')], console);
        LearningCurve.Write(
            IsAccuracy ? "accuracy %" : Metric == Root ? "root of mean squared error" : "squared error",
            IsAccuracy ? "F1" : "G3",
            [
                new LearningCurve.Series("train", [.. History.Select(e => 100 * e.Accuracy)], 'o'),
                .. History.Any(e => double.IsFinite(e.HeldOut)) ? [new LearningCurve.Series("held out", [.. History.Select(e => IsAccuracy ? 100 * e.HeldOut : e.HeldOut)], '*')] : Array.Empty<LearningCurve.Series>(),
            ],
            console);
        string early = StoppedEarly ? string.Create(CultureInfo.InvariantCulture, $" (stopped after {History.Count})") : "";
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{File}: {Parameters:N0} parameters, {Macs:N0} multiply-accumulates, of epoch {BestEpoch + 1}{early}"));
        foreach ((string name, double value) in new[] { ("train", Train), ("held out", HeldOut), ("test", Test) }.Where(m => double.IsFinite(m.Item2)))
        {
            string text = IsAccuracy ? (100 * value).ToString("F2", CultureInfo.InvariantCulture) + " %" : value.ToString("G5", CultureInfo.InvariantCulture);
            console.WriteLine($"{(IsAccuracy ? "accuracy" : Metric == Root ? "root of mean squared error" : "mean squared error")} {name}: {text}");
        }
    }

    /// <summary>For machines.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("file", File);
        json.WriteNumber("parameters", Parameters);
        json.WriteNumber("macs", Macs);
        json.WriteNumber("epochs", History.Count);
        json.WriteNumber("bestEpoch", BestEpoch + 1);
        json.WriteString("metric", Metric);
        WriteNumber(json, "train", Train);
        WriteNumber(json, "heldOut", HeldOut);
        WriteNumber(json, "test", Test);
        json.WriteStartArray("history");
        foreach (EpochResult epoch in History)
        {
            json.WriteStartObject();
            WriteNumber(json, "loss", epoch.Loss);
            WriteNumber(json, "train", epoch.Accuracy);
            WriteNumber(json, "heldOut", epoch.HeldOut);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
    }
}
