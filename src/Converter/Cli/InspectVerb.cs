using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Passes;

namespace TinyInference.Converter.Cli;

/// <summary>inspect: what a network holds and costs.</summary>
internal static class InspectVerb
{
    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Argument<string> file = Arguments.Path("MODEL|BLOB", "a .tinf blob, or a .tflite or .onnx model");
        Option<bool> passes = Arguments.Flag("--passes", "what each pass over the graph of a model changed");
        Option<bool> json = Arguments.Flag("--json", "one JSON object on standard output");
        var command = new Command("inspect", "Shows operators, shapes, MACs, parameters, bytes, and the RAM in use while each operator runs. A model is shown as the blob that it would become.") { file, passes, json };
        command.SetAction(parse => Run(parse.GetRequiredValue(file), parse.GetValue(passes), parse.GetValue(json), screen, cancellation));
        return command.WithExample("inspect kws.tinf --json");
    }

    private static int Run(string path, bool withPasses, bool json, Screen screen, CancellationToken cancellation)
    {
        ModelFile? model = BlobFile.IsBlob(path) ? null : ModelFile.Load(path, screen);
        NetworkReport report = model is null ? BlobReport.Create(BlobFile.Load(path), path) : Draft(model, screen, cancellation);
        IReadOnlyList<PassResult>? passes = withPasses ? model?.Passes ?? throw new InputException($"{path}: is a blob, which no passes run over; give --passes a model") : null;
        if (json)
        {
            screen.Json(writer =>
            {
                NetworkJson.Write(report, writer);
                WritePasses(passes, writer);
            });
            return ExitCode.Done;
        }

        if (passes is not null)
        {
            WritePasses(passes, screen.Results);
        }

        NetworkText.Write(report, screen.Results);
        return ExitCode.Done;
    }

    /// <summary>The model as a blob; where it cannot become one, as a graph.</summary>
    private static NetworkReport Draft(ModelFile model, Screen screen, CancellationToken cancellation)
    {
        try
        {
            return DraftConversion.Report(model, cancellation);
        }
        catch (InputException e)
        {
            screen.Warning($"no memory plan: {e.Message}");
            return GraphReport.Create(model.Graph, model.Path);
        }
    }

    private static void WritePasses(IReadOnlyList<PassResult> passes, IAnsiConsole console)
    {
        Table table = Tables.Create()
            .AddColumn(Tables.Number("round")).AddColumn(Tables.Word("pass")).AddColumn(Tables.Number("changes")).AddColumn(Tables.Word("operators")).AddColumn(Tables.Text("what it does"));
        foreach (PassResult pass in passes)
        {
            Tables.AddRow(table, $"{pass.Round}", pass.Pass, $"{pass.Changes}", $"{pass.NodesBefore} -> {pass.NodesAfter}", pass.Description);
        }

        if (passes.Count == 0)
        {
            console.WriteLine("the passes found nothing to change");
        }
        else
        {
            console.Write(table);
        }

        console.WriteLine();
    }

    private static void WritePasses(IReadOnlyList<PassResult>? passes, Utf8JsonWriter json)
    {
        if (passes is null)
        {
            return;
        }

        json.WriteStartArray("passes");
        foreach (PassResult pass in passes)
        {
            json.WriteStartObject();
            json.WriteNumber("round", pass.Round);
            json.WriteString("pass", pass.Pass);
            json.WriteString("description", pass.Description);
            json.WriteNumber("changes", pass.Changes);
            json.WriteNumber("operatorsBefore", pass.NodesBefore);
            json.WriteNumber("operatorsAfter", pass.NodesAfter);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
