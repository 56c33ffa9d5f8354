namespace TinyInference.Converter.Quantization;

/// <summary>How often an activation had which value: counts over a range known beforehand, so that no order of samples matters.</summary>
internal sealed class Histogram
{
    private const int Bins = 2048;

    /// <summary>Ranges tried for each end by <see cref="LeastSquaredError"/>.</summary>
    private const int Steps = 50;

    private readonly long[] _counts = new long[Bins];
    private readonly ValueRange _range;
    private readonly float _width;

    public Histogram(ValueRange range)
    {
        _range = range;
        _width = (range.Max - range.Min) / Bins;
    }

    /// <summary>Counts elements, which must lie in the range.</summary>
    public void Add(ReadOnlySpan<float> data)
    {
        float perWidth = _width > 0 ? 1 / _width : 0;
        foreach (float x in data)
        {
            _counts[Math.Clamp((int)((x - _range.Min) * perWidth), 0, Bins - 1)]++;
        }
    }

    /// <summary>Adds the counts of a histogram over the same range.</summary>
    public void Add(Histogram other)
    {
        for (int i = 0; i < Bins; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    /// <summary>The range with <paramref name="percent"/> of the elements inside and as many left out above as below.</summary>
    public ValueRange Percentile(double percent)
    {
        double leftOut = _counts.Sum() * (1 - (percent / 100)) / 2;
        int low = 0;
        for (double below = _counts[0]; below <= leftOut && low < Bins - 1; below += _counts[low])
        {
            low++;
        }

        int high = Bins - 1;
        for (double above = _counts[high]; above <= leftOut && high > low; above += _counts[high])
        {
            high--;
        }

        return new ValueRange(low == 0 ? _range.Min : _range.Min + (low * _width), high == Bins - 1 ? _range.Max : _range.Min + ((high + 1) * _width));
    }

    /// <summary>The range whose int8 numbers are nearest to the elements, in the mean square: a search over both ends.</summary>
    public ValueRange LeastSquaredError()
    {
        ValueRange best = _range;
        double leastError = SquaredError(best);
        // One end and then the other, twice: the best of each hardly depends on the other.
        for (int round = 0; round < 2; round++)
        {
            foreach (bool upper in (ReadOnlySpan<bool>)[true, false])
            {
                ValueRange start = best;
                for (int step = 1; step < Steps; step++)
                {
                    float part = 1 - (step / (float)Steps);
                    ValueRange tried = upper ? start with { Max = _range.Max * part } : start with { Min = _range.Min * part };
                    double error = tried.Max > tried.Min ? SquaredError(tried) : double.PositiveInfinity;
                    if (error < leastError)
                    {
                        (best, leastError) = (tried, error);
                    }
                }
            }
        }

        return best;
    }

    private double SquaredError(ValueRange range)
    {
        Graphs.QuantizationParameters parameters = range.ToParameters();
        float scale = parameters.Scale;
        float lowest = sbyte.MinValue - parameters.ZeroPoint;
        float highest = sbyte.MaxValue - parameters.ZeroPoint;
        double sum = 0;
        for (int i = 0; i < Bins; i++)
        {
            if (_counts[i] != 0)
            {
                float x = _range.Min + ((i + 0.5f) * _width);
                float error = x - (scale * Math.Clamp(MathF.Round(x / scale), lowest, highest));
                sum += _counts[i] * (double)(error * error);
            }
        }

        return sum;
    }
}
