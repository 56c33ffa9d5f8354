using System.Text.Json;
using Spectre.Console;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Compression.Repairs;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Cli.Compressing;

/// <summary>What each repair that needs no training does for a network: the distance of its int8 outputs from the float ones.</summary>
internal static class RepairEffects
{
    private static readonly (string Name, bool Bias, bool Equalize, bool Rounding)[] s_ways =
    [
        ("none", false, false, false),
        ("--bias-correction", true, false, false),
        ("--equalize", true, true, false),
        ("--adaptive-rounding", true, false, true),
        ("--equalize --adaptive-rounding", true, true, true),
    ];

    /// <summary>One way to convert, and how near its outputs are to the float network's.</summary>
    internal sealed record Row(string Repair, WeightGranularity Weights, LayerComparison Output, double Agreement);

    /// <param name="graph">Float, after the passes; left as it is.</param>
    /// <param name="calibration">For ranges, and for the repairs.</param>
    /// <param name="compare">Runs a blob beside the model.</param>
    public static IReadOnlyList<Row> Measure(Graph graph, CalibrationSamples calibration, Func<Model, NetworkComparison> compare, Action<double> progress, CancellationToken cancellation)
    {
        var rows = new List<Row>();
        foreach (WeightGranularity weights in new[] { WeightGranularity.PerChannel, WeightGranularity.PerTensor })
        {
            foreach ((string name, bool bias, bool equalize, bool rounding) in s_ways)
            {
                Graph repaired = graph.Clone();
                if (equalize)
                {
                    CrossLayerEqualization.Apply(repaired);
                }

                if (rounding)
                {
                    AdaptiveRounding.Apply(repaired, calibration, weights, bias, _ => { }, cancellation);
                }

                var options = new QuantizationOptions { Weights = weights, CorrectBiases = bias, Threads = Evaluator.Threads };
                NetworkComparison found = compare(Model.Load(NetworkConverter.Convert(repaired, calibration, options, cancellation: cancellation).Blob));
                rows.Add(new Row(name, weights, found.Output, (double)found.Agreement / found.Samples));
                progress(rows.Count / (2.0 * s_ways.Length));
            }
        }

        return rows;
    }

    public static void WriteText(IReadOnlyList<Row> rows, IAnsiConsole console)
    {
        console.WriteLine();
        Table table = Tables.Create()
            .AddColumn(Tables.Text("repair")).AddColumn(Tables.Word("weights")).AddColumn(Tables.Number("SNR dB")).AddColumn(Tables.Number("max error")).AddColumn(Tables.Number("same class"));
        foreach (Row row in rows)
        {
            Tables.AddRow(table, row.Repair, Weights(row), $"{row.Output.SignalToNoise:F1}", $"{row.Output.MaxError:G4}", $"{row.Agreement:P2}");
        }

        console.Write(table);
    }

    public static void WriteJson(IReadOnlyList<Row> rows, Utf8JsonWriter json)
    {
        json.WriteStartArray("repairs");
        foreach (Row row in rows)
        {
            json.WriteStartObject();
            json.WriteString("repair", row.Repair);
            json.WriteString("weights", Weights(row));
            if (double.IsFinite(row.Output.SignalToNoise))
            {
                json.WriteNumber("signalToNoiseDecibels", row.Output.SignalToNoise);
            }

            json.WriteNumber("maxError", row.Output.MaxError);
            json.WriteNumber("agreement", row.Agreement);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Weights(Row row) => row.Weights == WeightGranularity.PerChannel ? "per-channel" : "per-tensor";
}
