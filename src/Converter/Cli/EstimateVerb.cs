using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using TinyInference.Converter.Bench;
using TinyInference.Converter.Boards;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Estimation;

namespace TinyInference.Converter.Cli;

/// <summary>estimate: what a blob takes on a board.</summary>
internal static class EstimateVerb
{
    public static Command Create(Screen screen)
    {
        Argument<string> blob = Arguments.Path("BLOB", "the network, a .tinf file");
        Option<string> board = Arguments.Board(required: true);
        Option<bool> json = Arguments.Flag("--json", "one JSON object on standard output");
        var command = new Command("estimate", "Predicts time per operator on a board, for each of the three ways that a layer can run: managed kernels, generated C#, native kernels. Says what memory is needed.") { blob, board, json };
        command.SetAction(parse => Run(parse.GetRequiredValue(blob), BoardFiles.Load(parse.GetRequiredValue(board)), parse.GetValue(json), screen));
        return command.WithExample("estimate kws.tinf --board esp32-wroom-32");
    }

    private static int Run(string path, Board board, bool json, Screen screen)
    {
        NetworkReport report = BlobReport.Create(BlobFile.Load(path), path);
        byte[] blob = Files.Read(path, BlobFile.MaximumBytes);
        IReadOnlyList<BoardNeed> needs = BoardFit.Needs(blob, board);
        IReadOnlyList<TimeEstimate> estimates = TimeEstimate.Of(blob, report, board);
        SoundEstimate? sound = SoundEstimate.Of(Model.Load(blob), board);
        if (json)
        {
            screen.Json(writer => WriteJson(board, needs, estimates, sound, writer));
        }
        else
        {
            WriteText(board, needs, estimates, sound, screen.Results);
        }

        return ExitCode.Done;
    }

    private static void WriteText(Board board, IReadOnlyList<BoardNeed> needs, IReadOnlyList<TimeEstimate> estimates, SoundEstimate? sound, IAnsiConsole console)
    {
        console.MarkupLineInterpolated($"[bold]{board.Name}[/]: {board.Title}, {board.Chip} at {board.ClockMHz} MHz");
        foreach (BoardNeed need in needs)
        {
            console.WriteLine($"{need.Resource,-13} {need.Needed,9:N0} of {need.Available:N0} bytes{(need.IsMet ? "" : $": {need.Needed - need.Available:N0} too few")}");
        }

        console.WriteLine();
        Table table = Tables.Create()
            .AddColumn(Tables.Number("#")).AddColumn(Tables.Text("operator")).AddColumn(Tables.Number("MACs")).AddColumn(Tables.Number("IL"))
            .AddColumn(Tables.Number("managed")).AddColumn(Tables.Number("generated")).AddColumn(Tables.Number("native"));
        for (int i = 0; i < estimates.Count; i++)
        {
            AddRow(table, $"{i}", estimates[i]);
        }

        AddRow(table, "", TimeEstimate.Total(estimates));
        console.Write(table);
        console.WriteLine();
        if (sound is not null)
        {
            console.WriteLine($"features of sound: {sound.FrameInstructions:N0} IL and {BenchText.Time(sound.FrameMicroseconds)} managed for each frame of {sound.FrameMilliseconds} ms, "
                + $"{sound.ReadInstructions:N0} IL and {BenchText.Time(sound.ReadMicroseconds)} for each answer");
            console.WriteLine(ListeningCost.Of(sound, TimeEstimate.Total(estimates)).ToString());
        }

        console.WriteLine("times: " + board.Sources.GetValueOrDefault("interpreterSlowdown", "the board's file names no source"));
    }

    private static void AddRow(Table table, string index, TimeEstimate e) =>
        Tables.AddRow(table, index, e.Operator, $"{e.Macs:N0}", $"{e.Instructions:N0}", BenchText.Time(e.Managed), BenchText.Time(e.Generated), BenchText.Time(e.Native));

    private static void WriteJson(Board board, IReadOnlyList<BoardNeed> needs, IReadOnlyList<TimeEstimate> estimates, SoundEstimate? sound, Utf8JsonWriter json)
    {
        json.WriteString("board", board.Name);
        json.WriteStartArray("needs");
        foreach (BoardNeed need in needs)
        {
            json.WriteStartObject();
            json.WriteString("resource", need.Resource);
            json.WriteNumber("needed", need.Needed);
            json.WriteNumber("available", need.Available);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("operators");
        foreach (TimeEstimate estimate in estimates)
        {
            WriteEstimate(estimate, json);
        }

        json.WriteEndArray();
        json.WritePropertyName("total");
        WriteEstimate(TimeEstimate.Total(estimates), json);
        if (sound is not null)
        {
            json.WriteStartObject("sound");
            json.WriteNumber("frameMilliseconds", sound.FrameMilliseconds);
            json.WriteNumber("frameInstructions", sound.FrameInstructions);
            json.WriteNumber("frameMicroseconds", sound.FrameMicroseconds);
            json.WriteNumber("readInstructions", sound.ReadInstructions);
            json.WriteNumber("readMicroseconds", sound.ReadMicroseconds);
            ListeningCost cost = ListeningCost.Of(sound, TimeEstimate.Total(estimates));
            json.WriteNumber("partOfTime", cost.Features);
            foreach ((string way, double answer) in new[] { ("managed", cost.Managed), ("generated", cost.Generated), ("native", cost.Native) })
            {
                if (cost.ShortestInterval(answer) is { } interval)
                {
                    json.WriteNumber(way + "IntervalMilliseconds", interval);
                }
            }

            json.WriteEndObject();
        }
    }

    private static void WriteEstimate(TimeEstimate estimate, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("operator", estimate.Operator);
        json.WriteNumber("macs", estimate.Macs);
        json.WriteNumber("ilInstructions", estimate.Instructions);
        json.WriteNumber("managedMicroseconds", estimate.Managed);
        json.WriteNumber("generatedMicroseconds", estimate.Generated);
        json.WriteNumber("nativeMicroseconds", estimate.Native);
        json.WriteEndObject();
    }
}
