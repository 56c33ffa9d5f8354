namespace TinyInference.Converter.Numerics;

/// <summary>Rows brought to mean 0 and variance 1, sums in double precision.</summary>
internal static class RowNormalization
{
    /// <summary>The mean of <paramref name="x"/> and 1 / sqrt(its variance + epsilon).</summary>
    public static (float Mean, float InverseDeviation) Statistics(ReadOnlySpan<float> x, float epsilon)
    {
        (double mean, double variance) = Moments.Of(x);
        return ((float)mean, (float)(1 / Math.Sqrt(variance + epsilon)));
    }

    /// <summary>y = (x - mean) / deviation * scale + bias.</summary>
    public static void Apply(ReadOnlySpan<float> x, float epsilon, ReadOnlySpan<float> scale, ReadOnlySpan<float> bias, Span<float> y)
    {
        (float mean, float inverse) = Statistics(x, epsilon);
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = ((x[i] - mean) * inverse * scale[i]) + bias[i];
        }
    }
}
