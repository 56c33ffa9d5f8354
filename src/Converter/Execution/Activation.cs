using System.Numerics.Tensors;

namespace TinyInference.Converter.Execution;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>The fused activation at the end of a kernel, over its whole output.</summary>
internal static class Activation
{
    public static void Apply(Clamp clamp, Span<float> data)
    {
        if (!float.IsNegativeInfinity(clamp.Min))
        {
            TensorPrimitives.Max(data, clamp.Min, data);
        }

        if (!float.IsPositiveInfinity(clamp.Max))
        {
            TensorPrimitives.Min(data, clamp.Max, data);
        }
    }

    /// <summary>Starts the sums of [..., C]: each row with the bias, or with 0 where there is none.</summary>
    public static void FillBias(ReadOnlySpan<float> bias, Span<float> rows)
    {
        if (bias.IsEmpty)
        {
            rows.Clear();
            return;
        }

        for (; !rows.IsEmpty; rows = rows[bias.Length..])
        {
            bias.CopyTo(rows);
        }
    }
}
