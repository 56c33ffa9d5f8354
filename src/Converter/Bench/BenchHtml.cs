using System.Net;
using System.Text;
using TinyInference.Converter.Evaluation;

namespace TinyInference.Converter.Bench;

/// <summary>A <see cref="BenchResult"/> as one HTML page that needs nothing else: its plots are SVG.</summary>
internal static class BenchHtml
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; background: #fff; }
        h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; }
        table { border-collapse: collapse; } td, th { padding: .2em .8em .2em 0; text-align: right; } td:first-child, th:first-child { text-align: left; }
        svg { max-width: 100%; } svg text { font: 11px system-ui, sans-serif; fill: #444; }
        """;

    public static string Create(BenchResult result)
    {
        LatencyStatistics latency = result.Latency;
        var page = new StringBuilder();
        string title = Text($"{result.Model.Name} on {result.Device}");
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>").Append(title).Append("</title>\n<style>\n").Append(Style).Append("\n</style></head><body>\n");
        page.Append($"<h1>{title}</h1>\n<p>{Text(result.Port)}, blob {result.Model.BlobBytes:N0} bytes, checksum {Text(result.Model.Checksum)}, activations {result.Model.ArenaBytes:N0} bytes</p>\n");
        page.Append("<table>\n");
        Row(page, result.Evaluation.Metric, result.Evaluation.Confusion is null ? $"{result.Evaluation.Value:G6}" : $"{result.Evaluation.Value:P2}", $"{result.Evaluation.Samples:N0} samples");
        Row(page, "latency, median", BenchText.Time(latency.Median), $"p90 {BenchText.Time(latency.P90)}, p99 {BenchText.Time(latency.P99)}, jitter {BenchText.Time(latency.Jitter)}");
        Row(page, "throughput, median", $"{result.Throughput:N1} inferences/s", $"{result.Windows.Count} windows");
        page.Append("</table>\n<h2>Latency of each inference</h2>\n").Append(SvgPlots.Series(result.Latencies));
        page.Append("<h2>How often each latency came</h2>\n").Append(SvgPlots.Histogram(result.Latencies));
        page.Append("<h2>Time of each operator</h2>\n").Append(SvgPlots.Operators(result.Operators));
        if (result.Evaluation.Confusion is { } confusion)
        {
            page.Append("<h2>Confusion: a row for each class, a column for what it was taken for</h2>\n").Append(SvgPlots.Confusion(confusion, result.Evaluation.ClassNames));
            AppendClasses(page, confusion, result.Evaluation.ClassNames);
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static void AppendClasses(StringBuilder page, ConfusionMatrix confusion, string[] names)
    {
        page.Append("<table>\n<tr><th>class</th><th>samples</th><th>recall</th><th>precision</th><th>F1</th></tr>\n");
        for (int i = 0; i < confusion.Classes; i++)
        {
            Row(page, names[i], $"{confusion.Support(i):N0}", Percent(confusion.Recall(i)), Percent(confusion.Precision(i)), Percent(confusion.F1(i)));
        }

        page.Append("</table>\n");
    }

    private static void Row(StringBuilder page, params ReadOnlySpan<string> cells)
    {
        page.Append("<tr>");
        foreach (string cell in cells)
        {
            page.Append("<td>").Append(Text(cell)).Append("</td>");
        }

        page.Append("</tr>\n");
    }

    private static string Percent(double part) => double.IsNaN(part) ? "-" : $"{part:P1}";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
