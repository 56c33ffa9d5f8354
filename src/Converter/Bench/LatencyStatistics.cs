namespace TinyInference.Converter.Bench;

/// <summary>Figures of a list of times, in microseconds.</summary>
/// <param name="Median">Half of the times are no longer.</param>
/// <param name="P90">90 % are no longer (nearest rank).</param>
/// <param name="P99">99 % are no longer.</param>
/// <param name="Jitter">Standard deviation.</param>
internal sealed record LatencyStatistics(int Count, double Mean, long Median, long P90, long P99, long Smallest, long Largest, double Jitter)
{
    /// <param name="times">One or more.</param>
    public static LatencyStatistics Of(IReadOnlyList<long> times)
    {
        long[] sorted = [.. times.Order()];
        double mean = sorted.Average();
        double variance = sorted.Average(t => (t - mean) * (t - mean));
        return new LatencyStatistics(sorted.Length, mean, Rank(sorted, 50), Rank(sorted, 90), Rank(sorted, 99), sorted[0], sorted[^1], Math.Sqrt(variance));
    }

    private static long Rank(long[] sorted, int percent) => sorted[Math.Max(0, ((sorted.Length * percent) + 99) / 100 - 1)];
}
