namespace TinyInference.Converter.Language;

/// <summary>
/// Where each of M words lies in a square table of side N = ceil(sqrt(M)) (arXiv 1610.09893): a word is its row vector and its column vector.
/// Vectors 0..N-1 are those of the rows, N..2N-1 those of the columns.
/// </summary>
internal sealed class WordPlacement
{
    private readonly int[] _cells;

    /// <param name="cells">For each word row * side + column; no cell twice.</param>
    /// <param name="side">Rows and columns; 0 for as few as hold the words.</param>
    public WordPlacement(int[] cells, int side = 0)
    {
        Side = Math.Max(side, SideOf(cells.Length));
        var taken = new bool[Side * Side];
        foreach (int cell in cells)
        {
            if ((uint)cell >= taken.Length || taken[cell])
            {
                throw new ArgumentException($"cell {cell} is outside the table or taken", nameof(cells));
            }

            taken[cell] = true;
        }

        _cells = cells;
    }

    /// <summary>Rows, and columns, of the table.</summary>
    public int Side { get; }

    public int Words => _cells.Length;

    /// <summary>For each word row * side + column.</summary>
    public IReadOnlyList<int> Cells => _cells;

    /// <summary>The smallest N with N * N >= <paramref name="words"/>, at least 1.</summary>
    public static int SideOf(long words)
    {
        long side = Math.Max((long)Math.Sqrt(words), 1);
        while (side * side < words)
        {
            side++;
        }

        return checked((int)side);
    }

    /// <summary>Words scattered by chance.</summary>
    public static WordPlacement Random(int words, int seed)
    {
        int side = SideOf(words);
        int[] cells = [.. Enumerable.Range(0, side * side)];
        new Random(seed).Shuffle(cells);
        return new WordPlacement(cells[..words]);
    }

    public int RowOf(int word) => _cells[word] / Side;

    public int ColumnOf(int word) => _cells[word] % Side;
}
