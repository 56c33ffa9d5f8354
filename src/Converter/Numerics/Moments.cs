namespace TinyInference.Converter.Numerics;

/// <summary>Mean and variance of numbers, summed in double precision.</summary>
internal static class Moments
{
    /// <summary>The mean of <paramref name="x"/>, and the mean square of what its numbers differ by from it.</summary>
    public static (double Mean, double Variance) Of(ReadOnlySpan<float> x)
    {
        double mean = 0;
        foreach (float value in x)
        {
            mean += value;
        }

        mean /= x.Length;
        double squares = 0;
        foreach (float value in x)
        {
            squares += (value - mean) * (value - mean);
        }

        return (mean, squares / x.Length);
    }
}
