using System.Globalization;
using System.Net;
using System.Text;

namespace TinyInference.Converter.Cli.Recipes;

/// <summary>One page of HTML that needs nothing else: a table of the steps, and a plot in SVG for each figure.</summary>
internal static class RecipeReport
{
    private const int Width = 640;
    private const int Height = 220;
    private const int Left = 80;
    private const int Bottom = 40;
    private const int Top = 20;

    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222 }
        table { border-collapse: collapse } td, th { padding: .3em .8em; border-bottom: 1px solid #ddd; text-align: right }
        td:first-child, th:first-child { text-align: left } code { font-size: 90% } h2 { margin-top: 2em; font-size: 110% }
        svg { max-width: 100% } svg text { font: 12px system-ui, sans-serif; fill: #444 }
        """;

    public static string Write(string title, string test, IReadOnlyList<RecipeResult> results)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{Escape(title)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n");
        html.Append(CultureInfo.InvariantCulture, $"<h1>{Escape(title)}</h1>\n<p>Accuracy is that on {Escape(test)}. Blob and RAM of a float model are those of its plain conversion.</p>\n");
        html.Append("<table>\n<tr><th>step</th><th>arithmetic</th><th>accuracy</th><th>file bytes</th><th>parameters</th><th>MACs</th><th>blob bytes</th><th>RAM bytes</th><th>seconds</th></tr>\n");
        foreach (RecipeResult r in results)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Escape(r.Name)}</td><td>{r.Arithmetic}</td><td>{100 * r.Accuracy:F2} %</td><td>{r.Bytes:N0}</td><td>{r.Parameters:N0}</td><td>{r.Macs:N0}</td><td>{r.BlobBytes:N0}</td><td>{r.RamBytes:N0}</td><td>{r.Seconds:F1}</td></tr>\n");
        }

        html.Append("</table>\n");
        Plot(html, "Accuracy, %", results, r => 100 * r.Accuracy, fromZero: false);
        Plot(html, "Size of the blob, bytes", results, r => r.BlobBytes, fromZero: true);
        if (results.Any(r => r.Macs > 0))
        {
            Plot(html, "Multiply-accumulates", results, r => r.Macs, fromZero: true);
        }

        Plot(html, "RAM, bytes", results, r => r.RamBytes, fromZero: true);
        html.Append("<h2>Commands</h2>\n<ol>\n");
        foreach (RecipeResult r in results)
        {
            html.Append(CultureInfo.InvariantCulture, $"<li><code>{Escape(r.Command)}</code></li>\n");
        }

        html.Append("</ol>\n</body>\n</html>\n");
        return html.ToString();
    }

    /// <summary>Bars, one for each step.</summary>
    private static void Plot(StringBuilder html, string title, IReadOnlyList<RecipeResult> results, Func<RecipeResult, double> value, bool fromZero)
    {
        double high = results.Max(value);
        double low = fromZero ? 0 : Math.Max(0, results.Min(value) - Math.Max(1, 0.2 * (high - results.Min(value))));
        double range = high > low ? high - low : 1;
        double slot = (double)(Width - Left) / results.Count;
        int height = Height - Top - Bottom;
        html.Append(CultureInfo.InvariantCulture, $"<h2>{title}</h2>\n<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"{title}\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" y1=\"{Height - Bottom}\" x2=\"{Width}\" y2=\"{Height - Bottom}\" stroke=\"#999\"/>\n");
        html.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{Top + 4}\" text-anchor=\"end\">{Number(high)}</text><text x=\"{Left - 6}\" y=\"{Height - Bottom}\" text-anchor=\"end\">{Number(low)}</text>\n");
        for (int i = 0; i < results.Count; i++)
        {
            double bar = height * (value(results[i]) - low) / range;
            double x = Left + (i * slot);
            double y = Height - Bottom - bar;
            string colour = results[i].Arithmetic == "float" ? "#3b6ea8" : "#2a7f62";
            html.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x + (0.2 * slot):F1}\" y=\"{y:F1}\" width=\"{0.6 * slot:F1}\" height=\"{bar:F1}\" fill=\"{colour}\"/>");
            html.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + (0.5 * slot):F1}\" y=\"{Math.Max(y - 4, 12):F1}\" text-anchor=\"middle\">{Number(value(results[i]))}</text>");
            html.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + (0.5 * slot):F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{Escape(results[i].Name)}</text>\n");
        }

        html.Append("</svg>\n");
    }

    private static string Number(double value) => value.ToString(value >= 1000 ? "N0" : "0.##", CultureInfo.InvariantCulture);

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
