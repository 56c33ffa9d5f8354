using System.Numerics.Tensors;
using TinyInference.Converter.Language;
using TinyInference.Converter.Language.Assignment;

namespace TinyInference.Converter.Commands.Training;

/// <summary>
/// Places words in a table so that the sum of row and column vector is near the vector which each word has of its own: as in LightRNN (arXiv 1610.09893,
/// section 3.2), in turns the vectors follow from the places (least squares) and the places from the vectors (minimum-cost perfect matching).
/// </summary>
internal sealed class TableFit
{
    /// <summary>Turns; the error hardly falls after so many.</summary>
    private const int Turns = 5;

    /// <summary>Rows and columns are fitted in turns so often for one placement.</summary>
    private const int Refits = 3;

    private readonly float[] _vectors;
    private readonly float[] _weights;
    private readonly int _depth;
    private readonly int _side;

    private TableFit(float[] vectors, float[] weights, int side)
    {
        _vectors = vectors;
        _weights = weights;
        _depth = vectors.Length / weights.Length;
        _side = side;
        Rows = new float[side * _depth];
        Columns = new float[side * _depth];
    }

    public WordPlacement Placement { get; private set; } = null!;

    /// <summary>[side, depth].</summary>
    public float[] Rows { get; }

    /// <summary>[side, depth].</summary>
    public float[] Columns { get; }

    /// <param name="vectors">[words, depth].</param>
    /// <param name="weights">How much each word matters.</param>
    /// <param name="side">Rows, and columns, of the table.</param>
    public static TableFit Run(float[] vectors, float[] weights, int side, int seed, CancellationToken cancellation)
    {
        var fit = new TableFit(vectors, weights, side);
        var chance = new Random(seed);
        for (int row = 0; row < side; row++)
        {
            fit.VectorOf(chance.Next(weights.Length)).CopyTo(fit.Rows.AsSpan(row * fit._depth));
        }

        for (int turn = 0; turn < Turns; turn++)
        {
            fit.Placement = new WordPlacement(ShortestPaths.Solve(fit.Costs(), cancellation).Cells, side);
            for (int i = 0; i < Refits; i++)
            {
                fit.Refit(fit.Rows, fit.Columns, fit.Placement.RowOf, fit.Placement.ColumnOf);
                fit.Refit(fit.Columns, fit.Rows, fit.Placement.ColumnOf, fit.Placement.RowOf);
            }
        }

        return fit;
    }

    /// <summary>
    /// |v - r - c|^2 without what no placement changes: |r|^2 - 2 v r of the row and |c|^2 - 2 v c of the column. What depends on the cell alone, 2 r c, is left
    /// out, so that a cost is a sum of two.
    /// </summary>
    private CellCosts Costs()
    {
        var costs = new CellCosts(_weights.Length, _side);
        for (int word = 0; word < _weights.Length; word++)
        {
            for (int i = 0; i < _side; i++)
            {
                costs.Rows[(word * _side) + i] = _weights[word] * Distance(VectorOf(word), Rows.AsSpan(i * _depth, _depth));
                costs.Columns[(word * _side) + i] = _weights[word] * Distance(VectorOf(word), Columns.AsSpan(i * _depth, _depth));
            }
        }

        costs.Normalize();
        return costs;
    }

    private static float Distance(ReadOnlySpan<float> word, ReadOnlySpan<float> vector) => TensorPrimitives.SumOfSquares(vector) - (2 * TensorPrimitives.Dot(word, vector));

    /// <summary>Sets each of <paramref name="vectors"/> to the weighted mean of what its words need beside their other vector.</summary>
    private void Refit(float[] vectors, float[] others, Func<int, int> place, Func<int, int> otherPlace)
    {
        float[] sums = new float[vectors.Length];
        float[] weights = new float[_side];
        float[] needed = new float[_depth];
        for (int word = 0; word < _weights.Length; word++)
        {
            TensorPrimitives.Subtract(VectorOf(word), others.AsSpan(otherPlace(word) * _depth, _depth), needed);
            Span<float> sum = sums.AsSpan(place(word) * _depth, _depth);
            TensorPrimitives.MultiplyAdd(needed, _weights[word], sum, sum);
            weights[place(word)] += _weights[word];
        }

        for (int i = 0; i < _side; i++)
        {
            if (weights[i] > 0)
            {
                TensorPrimitives.Divide(sums.AsSpan(i * _depth, _depth), weights[i], vectors.AsSpan(i * _depth, _depth));
            }
        }
    }

    private ReadOnlySpan<float> VectorOf(int word) => _vectors.AsSpan(word * _depth, _depth);
}
