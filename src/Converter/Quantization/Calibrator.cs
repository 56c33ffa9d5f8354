using System.Numerics.Tensors;
using TinyInference.Converter.Execution;

namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>What calibration samples tell.</summary>
/// <param name="Ranges">Of each observed activation.</param>
/// <param name="Means">Of what weights multiply.</param>
internal sealed record Calibration(Dictionary<Value, ValueRange> Ranges, ChannelMeans Means);

/// <summary>Runs a float graph over samples and finds a range for each activation. The result does not depend on the threads' timing.</summary>
internal sealed class Calibrator
{
    private readonly FloatExecutor _executor;
    private readonly CalibrationSamples _samples;
    private readonly QuantizationOptions _options;
    private readonly Dictionary<Value, int> _indices;
    private readonly Value[] _values;
    private readonly ChannelMeans _means;
    private readonly Action<double> _progress;
    private readonly CancellationToken _cancellation;

    private Calibrator(Graph graph, Value[] values, CalibrationSamples samples, QuantizationOptions options, Action<double> progress, CancellationToken cancellation)
    {
        _executor = new FloatExecutor(graph);
        _values = values;
        _indices = values.Select((v, i) => (v, i)).ToDictionary(p => p.v, p => p.i);
        _samples = samples;
        _means = new ChannelMeans(graph, samples.Count);
        _options = options;
        _progress = progress;
        _cancellation = cancellation;
    }

    /// <param name="graph">Float; quantized values in it are rounded to what they can express.</param>
    /// <param name="values">Those to find a range for.</param>
    /// <param name="samples">At least one.</param>
    /// <param name="options">Which observer, and its parameters.</param>
    /// <param name="progress">Told the part that is done, 0 to 1, from several threads.</param>
    /// <exception cref="InputException">An activation is not finite, or a sample does not fit.</exception>
    public static Calibration Observe(
        Graph graph, Value[] values, CalibrationSamples samples, QuantizationOptions options, Action<double> progress, CancellationToken cancellation)
    {
        var calibrator = new Calibrator(graph, values, samples, options, progress, cancellation);
        ValueRange[] ranges = calibrator.Ranges();
        return new Calibration(values.Select((v, i) => (v, i)).ToDictionary(p => p.v, p => ranges[p.i]), calibrator._means);
    }

    private ValueRange[] Ranges()
    {
        bool needsHistograms = _options.Observer is ObserverKind.Percentile or ObserverKind.MeanSquaredError;
        double share = needsHistograms ? 0.5 : 1;
        ValueRange[][] perSample = Extremes(share);
        ValueRange[] whole = [.. perSample.Select(r => r.Aggregate((a, b) => a.Union(b)))];
        for (int i = 0; i < whole.Length; i++)
        {
            if (!float.IsFinite(whole[i].Min) || !float.IsFinite(whole[i].Max))
            {
                throw new InputException($"'{_values[i].Name}' becomes infinite or not a number (NaN) on calibration data; the weights or the data are not finite");
            }
        }

        return _options.Observer switch
        {
            ObserverKind.MovingAverage => [.. perSample.Select(Average)],
            ObserverKind.Percentile => [.. Histograms(whole).Select(h => h.Percentile(_options.Percentile))],
            ObserverKind.MeanSquaredError => [.. Histograms(whole).AsParallel().AsOrdered().WithDegreeOfParallelism(_options.Threads).Select(h => h.LeastSquaredError())],
            _ => whole,
        };
    }

    /// <summary>[value][sample]: the smallest and the largest element.</summary>
    private ValueRange[][] Extremes(double share)
    {
        ValueRange[][] ranges = [.. _values.Select(_ => new ValueRange[_samples.Count])];
        ForEachSample(
            0,
            share,
            () => 0,
            (sample, value, tensor, _) =>
            {
                if (_indices.TryGetValue(value, out int index))
                {
                    ranges[index][sample] = new ValueRange(TensorPrimitives.Min(tensor.Floats), TensorPrimitives.Max(tensor.Floats));
                }

                _means.Add(sample, value, tensor);
            },
            _ => { });
        return ranges;
    }

    private Histogram[] Histograms(ValueRange[] ranges)
    {
        Histogram[] total = Array.ConvertAll(ranges, r => new Histogram(r));
        ForEachSample(
            0.5,
            0.5,
            () => Array.ConvertAll(ranges, r => new Histogram(r)),
            (_, value, tensor, own) =>
            {
                if (_indices.TryGetValue(value, out int index))
                {
                    own[index].Add(tensor.Floats);
                }
            },
            own =>
            {
                lock (total)
                {
                    for (int i = 0; i < total.Length; i++)
                    {
                        total[i].Add(own[i]);
                    }
                }
            });
        return total;
    }

    private ValueRange Average(ValueRange[] samples)
    {
        double min = samples[0].Min;
        double max = samples[0].Max;
        foreach (ValueRange sample in samples.AsSpan(1))
        {
            min += _options.AveragingConstant * (sample.Min - min);
            max += _options.AveragingConstant * (sample.Max - max);
        }

        return new ValueRange((float)min, (float)max);
    }

    private void ForEachSample<TLocal>(double from, double share, Func<TLocal> begin, Action<int, Value, Tensor, TLocal> observe, Action<TLocal> end)
    {
        int done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Threads, CancellationToken = _cancellation };
        try
        {
            Parallel.For(0, _samples.Count, parallel, begin, (sample, _, local) =>
            {
                _executor.Run(_samples.Read(sample), (value, tensor) => observe(sample, value, tensor, local));
                _progress(from + (share * Interlocked.Increment(ref done) / _samples.Count));
                return local;
            }, end);
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<InputException>().FirstOrDefault() is { } inner)
        {
            throw new InputException(inner.Message, inner);
        }
    }
}
