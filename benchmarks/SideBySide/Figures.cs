using System.Globalization;

namespace TinyInference.SideBySide;

/// <summary>One row of the table.</summary>
/// <param name="DesktopMs">Milliseconds of one inference on the desktop.</param>
/// <param name="MacsPerSecond">Millions a second on one core.</param>
/// <param name="IlPerMac">Executed IL instructions for each multiplication of the dense network.</param>
/// <param name="NanoMs">Milliseconds on nanoCLR; null where it is not installed.</param>
internal sealed record Figures(string Network, string Way, double DesktopMs, double MacsPerSecond, double IlPerMac, double? NanoMs)
{
    private const string Heading = "| network | way | desktop ms | M MAC/s | IL per MAC | nanoCLR ms |";

    /// <summary>As Markdown.</summary>
    public static string Table(IEnumerable<Figures> rows) =>
        $"{Heading}\n| --- | --- | ---: | ---: | ---: | ---: |\n" + string.Concat(rows.Select(r => r.Row));

    /// <summary>The rows of the table in a Markdown text; none where there is no such table.</summary>
    public static IReadOnlyList<Figures> Parse(string markdown)
    {
        string[] lines = markdown.Split('\n', StringSplitOptions.TrimEntries);
        int heading = Array.IndexOf(lines, Heading);
        return heading < 0 ? [] : [.. lines.Skip(heading + 2).TakeWhile(l => l.StartsWith('|')).Select(ParseRow)];
    }

    private string Row => string.Create(CultureInfo.InvariantCulture, $"| {Network} | {Way} | {DesktopMs:F3} | {MacsPerSecond:F0} | {IlPerMac:F2} | {NanoMs:F1} |\n");

    private static Figures ParseRow(string line)
    {
        string[] cells = [.. line.Trim('|').Split('|').Select(c => c.Trim())];
        return new Figures(cells[0], cells[1], Number(cells[2]), Number(cells[3]), Number(cells[4]), cells[5].Length == 0 ? null : Number(cells[5]));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
