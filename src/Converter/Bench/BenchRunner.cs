using System.Globalization;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Data;
using TinyInference.Converter.Devices;

namespace TinyInference.Converter.Bench;

/// <summary>Drives a device through accuracy, throughput and the times of its operators.</summary>
internal sealed class BenchRunner(DeviceClient client, DeviceModel model)
{
    /// <summary>As many windows as the benchmark's rules ask for.</summary>
    private const int Windows = 5;

    /// <summary>Runs of which the median is an operator's time.</summary>
    private const int LayerRuns = 5;

    private readonly DeviceNetwork _network = new(client, model);

    public INetwork Network => _network;

    /// <param name="task">Null to go by the network and the data.</param>
    /// <param name="window">How long a run for throughput takes at least.</param>
    /// <param name="estimates">Microseconds for each operator; null where there is no estimate.</param>
    /// <param name="progress">Told the part that is done, 0 to 1.</param>
    /// <exception cref="InputException">The device does not answer as it should, or data do not fit it.</exception>
    public BenchResult Run(Dataset data, InputBinding binding, NetworkTask? task, TimeSpan window, IReadOnlyList<double>? estimates, Action<double> progress, CancellationToken cancellation)
    {
        string device = client.Ask("name", "m-name-dut-");
        EvaluationResult evaluation = Evaluator.Evaluate(_network, data, binding, task, progress, cancellation);
        return new BenchResult
        {
            Port = client.Port,
            Device = device,
            Model = model,
            Evaluation = evaluation,
            Latencies = _network.Microseconds,
            Windows = MeasureThroughput(window, cancellation),
            Operators = MeasureOperators(estimates),
        };
    }

    private List<ThroughputWindow> MeasureThroughput(TimeSpan window, CancellationToken cancellation)
    {
        // From the fastest on: a window that is too short is run again with more.
        double inferences = Math.Clamp(window.TotalMicroseconds / Math.Max(1, _network.Microseconds.Min()), 1, 1e6);
        var windows = new List<ThroughputWindow>();
        while (windows.Count < Windows)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Ceiling(inferences);
            long time = _network.Repeat(count);
            if (time < window.TotalMicroseconds && count < 1_000_000)
            {
                inferences = Math.Min(1e6, count * Math.Max(1.1, 1.05 * window.TotalMicroseconds / Math.Max(1, time)));
                continue;
            }

            windows.Add(new ThroughputWindow(count, time));
        }

        return windows;
    }

    private List<OperatorTime> MeasureOperators(IReadOnlyList<double>? estimates)
    {
        List<(OperatorKind Kind, long Time)[]> runs = [.. Enumerable.Range(0, LayerRuns).Select(_ => ReadLayers())];
        return [.. Enumerable.Range(0, runs.Min(r => r.Length)).Select(i => new OperatorTime(
            i,
            runs[0][i].Kind,
            runs.Select(r => r[i].Time).Order().ElementAt(LayerRuns / 2),
            estimates is not null && i < estimates.Count ? estimates[i] : null))];
    }

    /// <summary>Lines "m-layer-INDEX-KIND-us-TIME".</summary>
    private (OperatorKind Kind, long Time)[] ReadLayers() => [.. client.Send("layers", TimeSpan.FromMinutes(5))
        .Select(l => l.Split('-'))
        .Where(w => w is ["m", "layer", _, _, "us", _])
        .Select(w => (OperatorKind(w[3]), long.TryParse(w[5], NumberStyles.None, CultureInfo.InvariantCulture, out long time) ? time : 0))];

    private static OperatorKind OperatorKind(string number) =>
        byte.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out byte kind) ? (OperatorKind)kind : 0;
}
