namespace TinyInference.Converter.Lowering;

/// <summary>How long sums of three output channels in one 64-bit integer stay exact: docs/SPEC.md, "Packed sums".</summary>
internal static class WeightSpan
{
    /// <summary>A limb holds -2^20 to 2^20 - 1; an activation is at most 128.</summary>
    private const int MostWeightSum = ((1 << 20) - 1) / 128;

    /// <summary>
    /// The most consecutive weights whose magnitudes sum to no more than a limb can hold, wherever they begin. 63 at least, or all: no int8
    /// exceeds 128 in magnitude.
    /// </summary>
    /// <param name="first">Index of the first weight.</param>
    /// <param name="step">From one weight to the next.</param>
    /// <param name="count">How many there are.</param>
    public static int Of(IReadOnlyList<sbyte> weights, int first, int step, int count)
    {
        int span = ushort.MaxValue;
        int sum = 0;
        int start = 0;
        for (int k = 0; k < count; k++)
        {
            sum += Math.Abs((int)weights[first + (k * step)]);
            while (sum > MostWeightSum)
            {
                // The terms from "start" to k are one too many.
                span = Math.Min(span, k - start);
                sum -= Math.Abs((int)weights[first + (start++ * step)]);
            }
        }

        return span;
    }
}
