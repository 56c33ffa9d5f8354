using TinyInference.Converter;
using TinyInference.IlMeter;

namespace TinyInference.SideBySide;

/// <summary>The table in docs/performance.md between two comments, and its plot.</summary>
internal static class StoredFigures
{
    private const string Begin = "<!-- side by side: written by benchmarks/SideBySide --update -->\n";
    private const string End = "<!-- end -->";

    public static string TablePath => Path.Combine(RepositoryFolders.Root(), "docs", "performance.md");

    public static string PlotPath => Path.Combine(RepositoryFolders.Root(), "docs", "side-by-side.svg");

    public static IReadOnlyList<Figures> Read() => Figures.Parse(File.ReadAllText(TablePath));

    /// <summary>Stores the rows of some networks; the others keep theirs.</summary>
    /// <exception cref="InputException">The document has no place for the table.</exception>
    public static void Update(IReadOnlyList<Figures> measured)
    {
        Figures[] rows = [.. Read().Where(r => measured.All(m => m.Network != r.Network)), .. measured];
        string text = File.ReadAllText(TablePath);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal);
        int end = begin < 0 ? -1 : text.IndexOf(End, begin, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new InputException($"{TablePath} has no lines '{Begin.TrimEnd()}' and '{End}'");
        }

        File.WriteAllText(TablePath, text[..(begin + Begin.Length)] + Figures.Table(rows) + text[end..]);

        // As the table states them, rounded.
        File.WriteAllText(PlotPath, FiguresPlot.Write(Read()));
    }
}
