using System.Globalization;
using System.Net;
using System.Text;
using TinyInference.Converter.Evaluation;

namespace TinyInference.Converter.Bench;

/// <summary>Plots as SVG elements.</summary>
internal static class SvgPlots
{
    private const int Width = 800;
    private const int Left = 90;
    private const string Blue = "#3b6ea8";
    private const string Orange = "#d98c3a";

    /// <summary>A point for each time, in order.</summary>
    public static string Series(IReadOnlyList<long> times)
    {
        const int Height = 220;
        double top = Math.Max(1, times.Max());
        var svg = Begin(Height);
        Axis(svg, top, Height);
        for (int i = 0; i < times.Count; i++)
        {
            double x = Left + ((Width - Left - 10.0) * (i + 0.5) / times.Count);
            svg.Append($"<circle cx=\"{N(x)}\" cy=\"{N(Y(times[i], top, Height))}\" r=\"1.6\" fill=\"{Blue}\"/>\n");
        }

        return End(svg);
    }

    /// <summary>How many times fall into each of 40 equal ranges.</summary>
    public static string Histogram(IReadOnlyList<long> times)
    {
        const int Height = 180;
        const int Bins = 40;
        long low = times.Min();
        double width = Math.Max(1, times.Max() - low) / (double)Bins;
        int[] counts = new int[Bins];
        foreach (long time in times)
        {
            counts[Math.Min(Bins - 1, (int)((time - low) / width))]++;
        }

        var svg = Begin(Height);
        double bar = (Width - Left - 10.0) / Bins;
        for (int i = 0; i < Bins; i++)
        {
            double height = (Height - 30.0) * counts[i] / counts.Max();
            svg.Append($"<rect x=\"{N(Left + (i * bar))}\" y=\"{N(Height - 20 - height)}\" width=\"{N(bar - 1)}\" height=\"{N(height)}\" fill=\"{Blue}\"><title>{counts[i]}</title></rect>\n");
        }

        Label(svg, Left, Height - 6, BenchText.Time(low), "start");
        Label(svg, Width - 10, Height - 6, BenchText.Time(times.Max()), "end");
        Label(svg, Left - 6, 14, $"{counts.Max()}", "end");
        return End(svg);
    }

    /// <summary>A bar for each operator, and one for its estimate where there is one.</summary>
    public static string Operators(IReadOnlyList<OperatorTime> operators)
    {
        const int Line = 18;
        const int Names = 190;
        double top = Math.Max(1, operators.Max(o => Math.Max(o.Microseconds, o.Estimated ?? 0)));
        var svg = Begin((operators.Count * Line) + 4);
        for (int i = 0; i < operators.Count; i++)
        {
            OperatorTime op = operators[i];
            int y = i * Line;
            Label(svg, Names - 8, y + 13, $"{op.Index} {op.Kind}", "end");
            Bar(svg, Names, y + 2, 8, op.Microseconds, top, Blue);
            if (op.Estimated is { } estimated)
            {
                Bar(svg, Names, y + 10, 5, estimated, top, Orange);
            }

            string text = BenchText.Time(op.Microseconds) + (op.Estimated is { } e ? $" (estimate {BenchText.Time(e)})" : "");
            Label(svg, Width - 10, y + 13, text, "end");
        }

        return End(svg);
    }

    /// <summary>A cell for each pair of classes, darker where there are more.</summary>
    public static string Confusion(ConfusionMatrix confusion, string[] names)
    {
        int cell = Math.Clamp((Width - Left - 60) / confusion.Classes, 6, 40);
        var svg = Begin((cell * confusion.Classes) + 30);
        for (int label = 0; label < confusion.Classes; label++)
        {
            if (cell >= 12)
            {
                Label(svg, Left - 6, (label * cell) + (cell / 2) + 4, names[label], "end");
                Label(svg, Left + (label * cell) + (cell / 2), (confusion.Classes * cell) + 16, $"{label}", "middle");
            }

            for (int predicted = 0; predicted < confusion.Classes; predicted++)
            {
                int count = confusion[label, predicted];
                double part = count == 0 ? 0 : 0.15 + (0.85 * count / Math.Max(1, confusion.Support(label)));
                svg.Append($"<rect x=\"{Left + (predicted * cell)}\" y=\"{label * cell}\" width=\"{cell - 1}\" height=\"{cell - 1}\" fill=\"{(label == predicted ? Blue : Orange)}\" fill-opacity=\"{N(part)}\"/>\n");
                if (count > 0 && cell >= 20)
                {
                    Label(svg, Left + (predicted * cell) + (cell / 2), (label * cell) + (cell / 2) + 4, $"{count}", "middle");
                }
            }
        }

        return End(svg);
    }

    private static StringBuilder Begin(int height) => new($"<svg viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\">\n");

    private static string End(StringBuilder svg) => svg.Append("</svg>\n").ToString();

    private static double Y(double value, double top, int height) => height - 10 - ((height - 20) * value / top);

    private static void Axis(StringBuilder svg, double top, int height)
    {
        for (int i = 0; i <= 4; i++)
        {
            double value = top * i / 4;
            string y = N(Y(value, top, height));
            svg.Append($"<line x1=\"{Left}\" x2=\"{Width - 10}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#ddd\"/>\n");
            Label(svg, Left - 6, (int)Y(value, top, height) + 4, BenchText.Time(value), "end");
        }
    }

    private static void Bar(StringBuilder svg, int x, int y, int height, double value, double top, string color) =>
        svg.Append($"<rect x=\"{x}\" y=\"{y}\" width=\"{N((Width - x - 190) * value / top)}\" height=\"{height}\" fill=\"{color}\"/>\n");

    private static void Label(StringBuilder svg, int x, int y, string text, string anchor) =>
        svg.Append($"<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{WebUtility.HtmlEncode(text)}</text>\n");

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
