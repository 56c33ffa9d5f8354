using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TinyInference.Converter.Language;

namespace TinyInference.Converter.Cli.Language;

/// <summary>lightrnn size: what a table of so many words takes.</summary>
internal static class TableSizeVerb
{
    private const long MostWords = 1_000_000_000_000;
    private const int MostDepth = 1 << 20;

    public static Command Create(Screen screen)
    {
        Option<float?> words = Arguments.Real("--words", "M", "words of the vocabulary");
        words.Required = true;
        Option<int?> vector = Arguments.Count("--vector", "numbers in a vector; default 64", 64);
        Option<bool> json = Arguments.Flag("--json", "one JSON object on standard output");
        var command = new Command("size", "Prints what the vectors of a vocabulary take: two for each row and column of the table instead of one for each word.") { words, vector, json };
        command.SetAction(parse => Run(parse.GetValue(words)!.Value, parse.GetValue(vector) ?? 64, parse.GetValue(json), screen));
        return command.WithExample("lightrnn size --words 10000000 --vector 1024");
    }

    private static int Run(double words, int depth, bool asJson, Screen screen)
    {
        if (words < 1 || words > MostWords || words != Math.Floor(words) || depth > MostDepth)
        {
            throw new InputException($"--words takes a whole number from 1 to {MostWords:N0}, --vector one up to {MostDepth:N0}");
        }

        var table = new TableArithmetic((long)words, depth);
        if (asJson)
        {
            screen.Json(json =>
            {
                json.WriteNumber("words", table.Words);
                json.WriteNumber("side", table.Side);
                json.WriteNumber("vectors", table.Vectors);
                json.WriteNumber("bytes", table.TableBytes);
                json.WriteNumber("bytesOfOneVectorForEachWord", table.FullBytes);
                json.WriteNumber("bytesInt8", table.QuantizedBytes);
                json.WriteNumber("bytesOfCells", table.CellBytes);
            });
            return ExitCode.Done;
        }

        screen.Results.WriteLine(table.ToString());
        screen.Results.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"exactly {table.Vectors:N0} * {depth:N0} * 4 = {table.TableBytes:N0} bytes instead of {table.Words:N0} * {depth:N0} * 4 = {table.FullBytes:N0} bytes"));
        screen.Results.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"in a blob: {table.QuantizedBytes:N0} bytes of int8, and 2 * {table.IndexBits} bits for row and column of each word: {table.CellBytes:N0} bytes"));
        return ExitCode.Done;
    }
}
