using System.Globalization;
using Spectre.Console;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>Draws how a training went: one row of characters for a range of values, one or more columns for an epoch.</summary>
internal static class LearningCurve
{
    private const int Rows = 8;
    private const int MostColumns = 60;

    /// <summary>One line of the picture.</summary>
    /// <param name="Values">One for each epoch; NaN draws nothing.</param>
    /// <param name="Mark">What it is drawn with.</param>
    internal readonly record struct Series(string Name, IReadOnlyList<double> Values, char Mark);

    /// <summary>Draws several series over the same epochs; those listed later lie on top.</summary>
    /// <param name="title">What is drawn upwards.</param>
    /// <param name="format">Of the numbers at the axis.</param>
    public static void Write(string title, string format, IReadOnlyList<Series> series, IAnsiConsole console)
    {
        double[] all = [.. series.SelectMany(s => s.Values).Where(double.IsFinite)];
        if (all.Length == 0)
        {
            return;
        }

        double low = all.Min();
        double high = all.Max() > low ? all.Max() : low + Math.Max(Math.Abs(low) * 0.01, 1e-6);
        int epochs = series.Max(s => s.Values.Count);
        int columns = Math.Clamp(epochs, 1, MostColumns);
        int stretch = Math.Max(1, MostColumns / 2 / columns);
        char[][] picture = [.. Enumerable.Range(0, Rows).Select(_ => new string(' ', columns * stretch).ToCharArray())];
        foreach (Series one in series)
        {
            Draw(one, epochs, columns, stretch, value => Rows - 1 - (int)Math.Round((value - low) / (high - low) * (Rows - 1)), picture);
        }

        console.WriteLine($"{title}: {string.Join(", ", series.Select(s => $"{s.Mark} {s.Name}"))}");
        string top = high.ToString(format, CultureInfo.InvariantCulture);
        string bottom = low.ToString(format, CultureInfo.InvariantCulture);
        int margin = Math.Max(top.Length, bottom.Length);
        for (int row = 0; row < Rows; row++)
        {
            string label = row == 0 ? top : row == Rows - 1 ? bottom : "";
            console.WriteLine($"{label.PadLeft(margin)} |{new string(picture[row]).TrimEnd()}");
        }

        string last = epochs.ToString(CultureInfo.InvariantCulture);
        console.WriteLine($"{new string(' ', margin)} +{new string('-', columns * stretch)}");
        console.WriteLine($"{new string(' ', margin)}  1{last.PadLeft(Math.Max(columns * stretch - 1, last.Length + 1))} epochs");
    }

    private static void Draw(Series series, int epochs, int columns, int stretch, Func<double, int> rowOf, char[][] picture)
    {
        for (int i = 0; i < series.Values.Count; i++)
        {
            if (double.IsFinite(series.Values[i]))
            {
                int column = (int)((long)i * columns / epochs) * stretch;
                picture[rowOf(series.Values[i])][column] = series.Mark;
            }
        }
    }
}
