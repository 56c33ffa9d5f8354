using System.Numerics;
using System.Runtime.InteropServices;

namespace TinyInference.Converter.Language.Assignment;

/// <summary>
/// The exact minimum-cost matching, by shortest augmenting paths: R. Jonker and A. Volgenant, "A shortest augmenting path algorithm for dense and sparse
/// linear assignment problems", Computing 38, 1987; for more cells than words as in D. F. Crouse, "On implementing 2D rectangular assignment algorithms",
/// IEEE TAES 52(4), 2016. Costs are made of their two parts while they are read, and rows of the table that no shortest path can lead to are passed over.
/// </summary>
internal sealed class ShortestPaths
{
    private readonly CellCosts _costs;
    private readonly CellPrices _prices;
    private readonly int _stride;

    /// <summary>The price of each cell, infinite where the present path has settled.</summary>
    private readonly double[] _open;

    /// <summary>0 for cells that no word has, else infinite.</summary>
    private readonly double[] _taken;

    /// <summary>The shortest way from the present word to each cell that is not settled, and the word that it comes from.</summary>
    private readonly double[] _distances;
    private readonly double[] _from;
    private readonly double[] _rowLeast;
    private readonly double[] _columns;
    private readonly int[] _wordOf;
    private readonly int[] _cellOf;

    /// <summary>Of each word, what its cell costs it with the price.</summary>
    private readonly double[] _wordCosts;
    private readonly List<(int Cell, double Distance)> _settled = [];
    private double _nearestFree;

    private ShortestPaths(CellCosts costs)
    {
        _costs = costs;
        _prices = new CellPrices(costs.Side);
        _stride = _prices.Stride;
        int length = _prices.Values.Length;
        _open = new double[length];
        _taken = new double[length];
        _distances = new double[length];
        _from = new double[length];
        _wordOf = new int[length];
        _rowLeast = new double[costs.Side];
        _columns = new double[_stride];
        _cellOf = new int[costs.Words];
        _wordCosts = new double[costs.Words];
        Array.Fill(_wordOf, -1);
        Array.Fill(_cellOf, -1);
    }

    public static Matching Solve(CellCosts costs, CancellationToken cancellation)
    {
        var solver = new ShortestPaths(costs);
        for (int word = 0; word < costs.Words; word++)
        {
            cancellation.ThrowIfCancellationRequested();
            solver.Augment(word);
        }

        int[] cells = [.. solver._cellOf.Select(solver._prices.CellAt)];
        return new Matching(cells, costs.Of(cells), solver._prices.LowerBound(costs));
    }

    /// <summary>Finds a cell for one more word, by moving others where that is the cheapest.</summary>
    private void Augment(int word)
    {
        _prices.Values.CopyTo(_open, 0);
        Array.Fill(_distances, double.PositiveInfinity);
        Array.Fill(_rowLeast, double.PositiveInfinity);
        _settled.Clear();
        _nearestFree = double.PositiveInfinity;
        int present = word;
        double distance = 0;
        int cell;
        while (true)
        {
            Relax(present, distance);
            cell = Nearest(out distance);
            if (_wordOf[cell] < 0)
            {
                break;
            }

            Settle(cell, distance);
            present = _wordOf[cell];
        }

        UpdatePrices(word, distance);
        _taken[cell] = double.PositiveInfinity;
        int owner;
        do
        {
            owner = (int)_from[cell];
            _wordOf[cell] = owner;
            (_cellOf[owner], cell) = (cell, _cellOf[owner]);
        }
        while (owner != word);
    }

    /// <summary>Lengthens the ways over the cell of <paramref name="word"/>, which is <paramref name="distance"/> away, to all cells.</summary>
    private void Relax(int word, double distance)
    {
        ReadOnlySpan<float> rows = _costs.RowsOf(word);
        ReadOnlySpan<float> columns = _costs.ColumnsOf(word);
        double least = double.PositiveInfinity;
        for (int c = 0; c < columns.Length; c++)
        {
            _columns[c] = columns[c];
            least = Math.Min(least, columns[c]);
        }

        for (int r = 0; r < rows.Length; r++)
        {
            double toRow = distance + rows[r] - _wordCosts[word];
            if (toRow + least + _prices.RowLeast[r] < _nearestFree)
            {
                RelaxRow(r, toRow, word);
            }
        }
    }

    private void RelaxRow(int row, double toRow, int word)
    {
        int start = row * _stride;
        ref double columns = ref MemoryMarshal.GetArrayDataReference(_columns);
        ref double open = ref _open[start];
        ref double taken = ref _taken[start];
        ref double distances = ref _distances[start];
        ref double from = ref _from[start];
        var here = new Vector<double>(toRow);
        var words = new Vector<double>(word);
        var least = new Vector<double>(double.PositiveInfinity);
        var leastFree = new Vector<double>(_nearestFree);
        for (nuint i = 0; i < (nuint)_stride; i += (nuint)Vector<double>.Count)
        {
            Vector<double> way = here + Vector.LoadUnsafe(ref columns, i) + Vector.LoadUnsafe(ref open, i);
            Vector<double> before = Vector.LoadUnsafe(ref distances, i);
            Vector<long> isShorter = Vector.LessThan(way, before);
            Vector<double> after = Vector.Min(way, before);
            after.StoreUnsafe(ref distances, i);
            Vector.ConditionalSelect(isShorter, words, Vector.LoadUnsafe(ref from, i)).StoreUnsafe(ref from, i);
            least = Vector.Min(least, after);
            leastFree = Vector.Min(leastFree, after + Vector.LoadUnsafe(ref taken, i));
        }

        _rowLeast[row] = Least(least);
        _nearestFree = Least(leastFree);
    }

    private int Nearest(out double distance)
    {
        int row = 0;
        for (int r = 1; r < _rowLeast.Length; r++)
        {
            row = _rowLeast[r] < _rowLeast[row] ? r : row;
        }

        distance = _rowLeast[row];
        return Array.IndexOf(_distances, distance, row * _stride, _stride);
    }

    private void Settle(int cell, double distance)
    {
        _settled.Add((cell, distance));
        _open[cell] = double.PositiveInfinity;
        _distances[cell] = double.PositiveInfinity;
        int row = cell / _stride;
        double least = double.PositiveInfinity;
        foreach (double d in _distances.AsSpan(row * _stride, _stride))
        {
            least = Math.Min(least, d);
        }

        _rowLeast[row] = least;
    }

    private void UpdatePrices(int word, double distance)
    {
        _wordCosts[word] += distance;
        foreach ((int cell, double settled) in _settled)
        {
            _wordCosts[_wordOf[cell]] += distance - settled;
            _prices.Raise(cell, distance - settled);
        }
    }

    private static double Least(Vector<double> values)
    {
        double least = values[0];
        for (int i = 1; i < Vector<double>.Count; i++)
        {
            least = Math.Min(least, values[i]);
        }

        return least;
    }
}
