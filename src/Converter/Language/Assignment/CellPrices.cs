using System.Numerics;
using System.Numerics.Tensors;

namespace TinyInference.Converter.Language.Assignment;

/// <summary>
/// What each cell costs beyond a word's two losses, so that words leave it to those that need it more. Rows are padded to whole vectors with cells of
/// infinite price.
/// </summary>
internal sealed class CellPrices
{
    private readonly int _side;

    public CellPrices(int side)
    {
        _side = side;
        Stride = (side + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;
        Values = new double[checked(side * Stride)];
        RowLeast = new double[side];
        for (int i = 0; i < Values.Length; i++)
        {
            Values[i] = i % Stride < side ? 0 : double.PositiveInfinity;
        }
    }

    /// <summary>Places from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>[side, stride].</summary>
    public double[] Values { get; }

    /// <summary>The smallest price in each row.</summary>
    public double[] RowLeast { get; }

    /// <summary>The number of the cell at a place: row * side + column.</summary>
    public int CellAt(int place) => (place / Stride * _side) + (place % Stride);

    public void Raise(int place, double by)
    {
        int row = place / Stride;
        bool wasLeast = Values[place] <= RowLeast[row];
        Values[place] += by;
        if (wasLeast)
        {
            RowLeast[row] = TensorPrimitives.Min<double>(Values.AsSpan(row * Stride, _side));
        }
    }

    /// <summary>
    /// What no matching can cost less than, by weak duality: each word pays at least its cheapest cell with the price, and no more than all prices together
    /// are paid for nothing.
    /// </summary>
    public double LowerBound(CellCosts costs)
    {
        double bound = 0;
        double[] line = new double[_side];
        double[] columns = new double[_side];
        for (int word = 0; word < costs.Words; word++)
        {
            ReadOnlySpan<float> rows = costs.RowsOf(word);
            TensorPrimitives.ConvertChecked(costs.ColumnsOf(word), columns);
            double least = double.PositiveInfinity;
            for (int r = 0; r < _side; r++)
            {
                TensorPrimitives.Add(columns, Values.AsSpan(r * Stride, _side), line);
                least = Math.Min(least, rows[r] + TensorPrimitives.Min<double>(line));
            }

            bound += least;
        }

        for (int r = 0; r < _side; r++)
        {
            bound -= TensorPrimitives.Sum<double>(Values.AsSpan(r * Stride, _side));
        }

        return bound;
    }
}
