using System.Numerics.Tensors;

namespace TinyInference.Converter.Training.Layers;

/// <summary>Biases, one for each element of the innermost dimension.</summary>
internal static class Bias
{
    /// <summary>Sets every row of <paramref name="y"/> to <paramref name="bias"/>.</summary>
    public static void Fill(Span<float> y, ReadOnlySpan<float> bias)
    {
        for (int i = 0; i < y.Length; i += bias.Length)
        {
            bias.CopyTo(y[i..]);
        }
    }

    /// <summary>Adds the rows of <paramref name="dy"/> to <paramref name="sums"/>.</summary>
    public static void AddSums(ReadOnlySpan<float> dy, Span<float> sums)
    {
        for (int i = 0; i < dy.Length; i += sums.Length)
        {
            TensorPrimitives.Add(sums, dy.Slice(i, sums.Length), sums);
        }
    }
}
