using System.Text.Json;
using Spectre.Console;
using TinyInference.Converter.Cli.Prediction;

namespace TinyInference.Converter.Cli.Reports;

/// <summary>A <see cref="NetworkComparison"/> for people and for machines.</summary>
internal static class ComparisonReport
{
    /// <summary>From this width on there is room for the operators' names.</summary>
    private const int NamesFrom = 100;

    public static void WriteText(NetworkComparison comparison, string model, string blob, IAnsiConsole console)
    {
        console.MarkupLineInterpolated($"[bold]{blob}[/] against {model}, {comparison.Samples:N0} samples");
        console.WriteLine();
        bool names = console.Profile.Width >= NamesFrom;
        Table table = Tables.Create()
            .AddColumn(Tables.Number("#")).AddColumn(Tables.Word("operator")).AddColumn(Tables.Number("SNR dB")).AddColumn(Tables.Number("change"))
            .AddColumn(Tables.Number("saturated")).AddColumn(Tables.Number("max error")).AddColumn(Tables.Word(""));
        if (names)
        {
            table.AddColumn(Tables.Text("name"));
        }

        double before = double.PositiveInfinity;
        for (int i = 0; i < comparison.Layers.Count; i++)
        {
            LayerComparison layer = comparison.Layers[i];
            string[] figures = layer.IsComparable
                ? [Decibels(layer.SignalToNoise), Change(before, layer.SignalToNoise), $"{layer.Saturation:P2}", $"{layer.MaxError:G4}", i == comparison.Worst ? "<-" : ""]
                : ["", "", "", "", ""];
            string[] cells = [$"{i}", layer.Kind, .. figures, layer.Name];
            Tables.AddRow(table, names ? cells : cells[..^1]);
            before = layer.IsComparable ? layer.SignalToNoise : before;
        }

        console.Write(table);
        console.WriteLine();
        if (comparison.Worst >= 0)
        {
            console.WriteLine($"<- lowest signal to noise ratio: operator {comparison.Worst}, {comparison.Layers[comparison.Worst].Kind} '{comparison.Layers[comparison.Worst].Name}'");
        }

        console.WriteLine($"output: SNR {Decibels(comparison.Output.SignalToNoise)} dB, max error {comparison.Output.MaxError:G4}");
        console.WriteLine($"both have the same largest output for {comparison.Agreement:N0} of {comparison.Samples:N0} samples ({(double)comparison.Agreement / comparison.Samples:P2})");
    }

    public static void WriteJson(NetworkComparison comparison, Utf8JsonWriter json)
    {
        json.WriteNumber("samples", comparison.Samples);
        json.WriteNumber("agreement", (double)comparison.Agreement / comparison.Samples);
        json.WriteNumber("worst", comparison.Worst);
        json.WriteStartObject("output");
        WriteFigures(comparison.Output, json);
        json.WriteEndObject();
        json.WriteStartArray("operators");
        for (int i = 0; i < comparison.Layers.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("index", i);
            json.WriteString("kind", comparison.Layers[i].Kind);
            json.WriteString("name", comparison.Layers[i].Name);
            WriteFigures(comparison.Layers[i], json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Null where there is nothing to compare with, and for the ratio where nothing differs.</summary>
    private static void WriteFigures(LayerComparison layer, Utf8JsonWriter json)
    {
        foreach ((string name, double value) in new[] { ("signalToNoiseDecibels", layer.SignalToNoise), ("saturation", layer.Saturation), ("maxError", layer.MaxError) })
        {
            if (layer.IsComparable && double.IsFinite(value))
            {
                json.WriteNumber(name, value);
            }
            else
            {
                json.WriteNull(name);
            }
        }
    }

    private static string Decibels(double ratio) => double.IsPositiveInfinity(ratio) ? "exact" : $"{ratio:F1}";

    private static string Change(double before, double now) => double.IsFinite(before) && double.IsFinite(now) ? $"{now - before:+0.0;-0.0;0.0}" : "";
}
