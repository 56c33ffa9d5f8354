using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TinyInference.Converter.Boards;
using TinyInference.Converter.Estimation;
using TinyInference.Converter.Evaluation;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Cli.Listening;

/// <summary>What came out of training a keyword network.</summary>
internal sealed record KeywordReport
{
    public required string File { get; init; }

    public required byte[] Blob { get; init; }

    /// <summary>What it would cost is said for this one.</summary>
    public required Board Board { get; init; }

    public required Graph Graph { get; init; }

    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Recorded clips that it learned from.</summary>
    public required int Recorded { get; init; }

    /// <summary>Synthesised clips that it learned from.</summary>
    public required int Synthesised { get; init; }

    /// <summary>The clips of the test are recordings; else synthesised ones that it did not learn from.</summary>
    public required bool TestIsRecorded { get; init; }

    /// <summary>The voice that speaks the synthesised clips of the test, and none that it learned from; null where there is none such.</summary>
    public string? TestVoice { get; init; }

    /// <summary>NaN without a test.</summary>
    public required double FloatAccuracy { get; init; }

    /// <summary>Of the blob, with the runtime's own features.</summary>
    public required ConfusionMatrix Test { get; init; }

    /// <summary>For people.</summary>
    public void Write(IAnsiConsole console)
    {
        console.WriteLine(Text($"{File}: {Blob.Length:N0} bytes, {Cost.Parameters(Graph):N0} parameters, {Cost.Macs(Graph):N0} multiply-accumulates, {Classes.Count} classes"));
        console.WriteLine(Text($"{Board.Name}, by a model: {ListeningCost.Of(Blob, Board)}"));
        console.WriteLine(Text($"learned from {Recorded:N0} recorded and {Synthesised:N0} synthesised clips"));
        if (Test.Samples == 0)
        {
            console.WriteLine("no clips were held out: nothing says how good it is");
            return;
        }

        string source = TestIsRecorded ? "recorded clips held out" : TestVoice is not null ? $"synthesised clips in a voice it never heard, {TestVoice} (recordings would tell more)" : "synthesised clips held out (recordings would tell more)";
        console.WriteLine(Text($"accuracy on {Test.Samples:N0} {source}: {100 * FloatAccuracy:F2} % float, {100 * Test.Accuracy:F2} % int8 as on the device"));
        console.WriteLine("of each class, the part that was heard:");
        string[] cells = [.. Classes.Select((name, label) => Test.Support(label) == 0 ? $"{name} -" : Text($"{name} {Test[label, label]}/{Test.Support(label)}"))];
        console.WriteLine("  " + string.Join(", ", cells));
    }

    /// <summary>For machines.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("file", File);
        json.WriteNumber("bytes", Blob.Length);
        json.WriteNumber("parameters", Cost.Parameters(Graph));
        json.WriteNumber("macs", Cost.Macs(Graph));
        json.WriteNumber("recorded", Recorded);
        json.WriteNumber("synthesised", Synthesised);
        json.WriteNumber("test", Test.Samples);
        if (Test.Samples > 0)
        {
            json.WriteBoolean("testIsRecorded", TestIsRecorded);
            if (TestVoice is not null)
            {
                json.WriteString("testVoice", TestVoice);
            }

            json.WriteNumber("accuracyFloat", FloatAccuracy);
            json.WriteNumber("accuracy", Test.Accuracy);
        }

        json.WriteStartArray("classes");
        foreach (string name in Classes)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
