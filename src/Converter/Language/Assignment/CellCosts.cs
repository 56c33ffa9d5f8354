using System.Numerics.Tensors;

namespace TinyInference.Converter.Language.Assignment;

/// <summary>
/// What it costs to put a word into a cell of the table: the loss of its row there plus that of its column (arXiv 1610.09893, section 3.2). So the M x N * N
/// costs are kept as two matrices M x N: 8 MB for 10,000 words, and not 400.
/// </summary>
internal sealed class CellCosts
{
    public CellCosts(int words, int side)
    {
        if ((long)side * side < words)
        {
            throw new ArgumentException($"{words} words do not fit into a table of side {side}", nameof(side));
        }

        Words = words;
        Side = side;
        Rows = new float[checked(words * side)];
        Columns = new float[words * side];
    }

    public int Words { get; }

    public int Side { get; }

    public int Cells => Side * Side;

    /// <summary>[words, side]: the loss of a word in each row.</summary>
    public float[] Rows { get; }

    /// <summary>[words, side]: the loss of a word in each column.</summary>
    public float[] Columns { get; }

    public ReadOnlySpan<float> RowsOf(int word) => Rows.AsSpan(word * Side, Side);

    public ReadOnlySpan<float> ColumnsOf(int word) => Columns.AsSpan(word * Side, Side);

    public double Of(int word, int cell) => (double)Rows[(word * Side) + (cell / Side)] + Columns[(word * Side) + (cell % Side)];

    /// <summary>The summed cost of a placement: a cell for each word.</summary>
    public double Of(IReadOnlyList<int> cells)
    {
        double sum = 0;
        for (int word = 0; word < Words; word++)
        {
            sum += Of(word, cells[word]);
        }

        return sum;
    }

    /// <summary>Makes the smallest cost of each word's rows, and columns, 0: that changes all placements' costs alike, and leaves more digits for differences.</summary>
    /// <returns>What was taken off in all.</returns>
    public double Normalize()
    {
        double sum = 0;
        foreach (float[] costs in new[] { Rows, Columns })
        {
            for (int word = 0; word < Words; word++)
            {
                Span<float> line = costs.AsSpan(word * Side, Side);
                float least = TensorPrimitives.Min<float>(line);
                TensorPrimitives.Subtract(line, least, line);
                sum += least;
            }
        }

        return sum;
    }
}
