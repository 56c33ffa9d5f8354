using System.CommandLine;
using TinyInference.Converter.Cli.Reports;

namespace TinyInference.Converter.Cli;

/// <summary>inspect: what a network holds and costs.</summary>
internal static class InspectVerb
{
    public static Command Create(Screen screen)
    {
        Argument<string> file = Arguments.Path("BLOB", "a .tinf file");
        Option<bool> json = Arguments.Flag("--json", "one JSON object on standard output");
        var command = new Command("inspect", "Shows operators, shapes, MACs, parameters, bytes, and the RAM in use while each operator runs.") { file, json };
        command.SetAction(parse => Run(parse.GetRequiredValue(file), parse.GetValue(json), screen));
        return command.WithExample("inspect kws.tinf --json");
    }

    private static int Run(string file, bool json, Screen screen)
    {
        NetworkReport report = BlobReport.Create(BlobFile.Load(file), file);
        if (json)
        {
            screen.Json(writer => NetworkJson.Write(report, writer));
        }
        else
        {
            NetworkText.Write(report, screen.Results);
        }

        return ExitCode.Done;
    }
}
