using System.Globalization;
using System.Net;
using System.Text;

namespace TinyInference.SideBySide;

/// <summary>The table as bars in SVG: for each network its ways, executed IL per MAC.</summary>
internal static class FiguresPlot
{
    private const int Width = 800;
    private const int Names = 210;
    private const int Line = 17;
    private const int Gap = 12;

    private static readonly string[] s_colours = ["#9a9a9a", "#3b6ea8", "#2a7f62", "#6aa84f", "#d98c3a"];

    public static string Write(IReadOnlyList<Figures> rows)
    {
        IGrouping<string, Figures>[] networks = [.. rows.GroupBy(r => r.Network)];
        double most = rows.Max(r => r.IlPerMac);
        int height = 24 + (rows.Count * Line) + (networks.Length * Gap);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#444\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"#fff\"/>\n<text x=\"{Names}\" y=\"15\">executed IL instructions per MAC</text>\n");
        int y = 24;
        foreach (IGrouping<string, Figures> network in networks)
        {
            int colour = 0;
            foreach (Figures row in network)
            {
                string name = colour == 0 ? $"{row.Network}: {row.Way}" : row.Way;
                double bar = (Width - Names - 60) * row.IlPerMac / most;
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Names - 8}\" y=\"{y + 12}\" text-anchor=\"end\">{WebUtility.HtmlEncode(name)}</text>");
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Names}\" y=\"{y + 2}\" width=\"{bar:F1}\" height=\"{Line - 4}\" fill=\"{s_colours[colour % s_colours.Length]}\"/>");
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Names + bar + 5:F1}\" y=\"{y + 12}\">{row.IlPerMac:F2}</text>\n");
                y += Line;
                colour++;
            }

            y += Gap;
        }

        return svg.Append("</svg>\n").ToString();
    }
}
