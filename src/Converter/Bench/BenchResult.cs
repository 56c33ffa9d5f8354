using TinyInference.Converter.Cli.Prediction;

namespace TinyInference.Converter.Bench;

/// <summary>What was measured on a device.</summary>
internal sealed record BenchResult
{
    public required string Port { get; init; }

    /// <summary>What the device calls itself.</summary>
    public required string Device { get; init; }

    public required DeviceModel Model { get; init; }

    public required EvaluationResult Evaluation { get; init; }

    /// <summary>Of single inferences, one for each sample, in order, in microseconds.</summary>
    public required IReadOnlyList<long> Latencies { get; init; }

    /// <summary>Runs of many inferences on one sample.</summary>
    public required IReadOnlyList<ThroughputWindow> Windows { get; init; }

    public required IReadOnlyList<OperatorTime> Operators { get; init; }

    public LatencyStatistics Latency => LatencyStatistics.Of(Latencies);

    /// <summary>Inferences in a second: the median of the windows.</summary>
    public double Throughput => Windows.Select(w => w.PerSecond).Order().ElementAt(Windows.Count / 2);
}

/// <param name="Microseconds">Of all of them.</param>
internal sealed record ThroughputWindow(int Inferences, long Microseconds)
{
    public double PerSecond => Inferences * 1e6 / Math.Max(1, Microseconds);
}

/// <summary>The time of one operator.</summary>
/// <param name="Index">In order of execution.</param>
/// <param name="Microseconds">The median of several runs.</param>
/// <param name="Estimated">What the tool expects, in microseconds; null where it was not asked.</param>
internal sealed record OperatorTime(int Index, OperatorKind Kind, long Microseconds, double? Estimated);
