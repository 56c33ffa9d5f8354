using Spectre.Console;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Cli.Reports;

namespace TinyInference.Converter.Bench;

/// <summary>A <see cref="BenchResult"/> for people.</summary>
internal static class BenchText
{
    public static void Write(BenchResult result, IAnsiConsole console)
    {
        LatencyStatistics latency = result.Latency;
        console.MarkupLineInterpolated($"[bold]{result.Device}[/] at {result.Port}: {result.Model.Name}, {result.Model.BlobBytes:N0} bytes, checksum {result.Model.Checksum}");
        console.WriteLine();
        console.MarkupLineInterpolated($"latency     median [bold]{Time(latency.Median)}[/], p90 {Time(latency.P90)}, p99 {Time(latency.P99)}, jitter {Time(latency.Jitter)} ({latency.Count:N0} inferences)");
        console.MarkupLineInterpolated($"throughput  median [bold]{result.Throughput:N1}[/] inferences/s ({result.Windows.Count} windows of {result.Windows[0].Inferences:N0})");
        console.WriteLine();
        EvaluationText.Write(result.Evaluation, console);
        console.WriteLine();
        WriteOperators(result, console);
    }

    private static void WriteOperators(BenchResult result, IAnsiConsole console)
    {
        bool hasEstimates = result.Operators.Any(o => o.Estimated is not null);
        Table table = Tables.Create().AddColumn(Tables.Number("#")).AddColumn(Tables.Text("operator")).AddColumn(Tables.Number("time")).AddColumn(Tables.Number("share"));
        if (hasEstimates)
        {
            table.AddColumn(Tables.Number("estimate")).AddColumn(Tables.Number("share"));
        }

        double total = Math.Max(1, result.Operators.Sum(o => o.Microseconds));
        double estimated = Math.Max(1e-9, result.Operators.Sum(o => o.Estimated ?? 0));
        foreach (OperatorTime op in result.Operators)
        {
            string[] cells = [$"{op.Index}", $"{op.Kind}", Time(op.Microseconds), $"{op.Microseconds / total:P1}"];
            string[] further = hasEstimates ? [Time(op.Estimated ?? 0), $"{(op.Estimated ?? 0) / estimated:P1}"] : [];
            Tables.AddRow(table, [.. cells, .. further]);
        }

        console.Write(table);
    }

    /// <summary>In the unit that leaves three digits or more.</summary>
    public static string Time(double microseconds) => microseconds < 10_000 ? $"{microseconds:N0} us"
        : microseconds < 10_000_000 ? $"{microseconds / 1000:N1} ms"
        : $"{microseconds / 1e6:N1} s";
}
