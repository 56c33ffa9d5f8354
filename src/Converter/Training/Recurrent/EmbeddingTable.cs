using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Recurrent;

using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>Vectors looked up by index, [rows, depth], with their gradients.</summary>
internal sealed class EmbeddingTable
{
    /// <summary>Vectors start uniform within this.</summary>
    private const float Range = 0.1f;

    public EmbeddingTable(string name, int rows, int depth, int seed)
    {
        Rows = rows;
        Depth = depth;
        var random = new Random(seed);
        float[] data = new float[checked(rows * depth)];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = Range * ((2 * random.NextSingle()) - 1);
        }

        Table = new Parameter(new Value(name, new Tensor(new Shape(rows, depth), data)), decays: true);
    }

    public int Rows { get; }

    public int Depth { get; }

    /// <summary>[rows, depth].</summary>
    public Parameter Table { get; }

    /// <param name="x">Set to the vectors, [indices, depth].</param>
    public void Forward(ReadOnlySpan<int> indices, Span<float> x)
    {
        for (int i = 0; i < indices.Length; i++)
        {
            Table.Data.AsSpan(indices[i] * Depth, Depth).CopyTo(x[(i * Depth)..]);
        }
    }

    /// <param name="dx">The loss's derivative by the vectors, [indices, depth].</param>
    public void Backward(ReadOnlySpan<int> indices, ReadOnlySpan<float> dx, GradientSums sums)
    {
        float[] gradient = sums.Of(Table);
        for (int i = 0; i < indices.Length; i++)
        {
            Span<float> target = gradient.AsSpan(indices[i] * Depth, Depth);
            TensorPrimitives.Add(target, dx.Slice(i * Depth, Depth), target);
        }
    }
}
