using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>
/// Batch normalisation over all but the innermost dimension (Ioffe and Szegedy, arXiv 1502.03167, algorithm 1). Each shard
/// normalises by its own statistics; the running ones move towards the mean of the shards'.
/// </summary>
internal sealed class BatchNormLayer : Layer
{
    private const float Momentum = 0.1f;

    private readonly Parameter _scale;
    private readonly Parameter _bias;
    private readonly float _epsilon;
    private readonly int _channels;
    private readonly Dictionary<Shard, Statistics> _statistics = [];

    public BatchNormLayer(Node node, Parameter scale, Parameter bias)
        : base(node)
    {
        _scale = scale;
        _bias = bias;
        _epsilon = ((BatchNorm)node.Operator).Epsilon;
        _channels = Input.Shape[-1];
    }

    private float[] RunningMean => Node.Input(3).Constant!.Floats;

    private float[] RunningVariance => Node.Input(4).Constant!.Floats;

    public override void Forward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> y = shard.Activation(Output);
        Statistics statistics = StatisticsOf(shard);
        if (shard.IsTraining)
        {
            statistics.Compute(x, _channels);
        }
        else
        {
            RunningMean.CopyTo(statistics.Mean, 0);
            RunningVariance.CopyTo(statistics.Variance, 0);
        }

        Span<float> factor = stackalloc float[_channels];
        Span<float> offset = stackalloc float[_channels];
        for (int c = 0; c < _channels; c++)
        {
            statistics.InverseDeviation[c] = 1 / MathF.Sqrt(statistics.Variance[c] + _epsilon);
            factor[c] = _scale.Data[c] * statistics.InverseDeviation[c];
            offset[c] = _bias.Data[c] - (statistics.Mean[c] * factor[c]);
        }

        ChannelAffine.Apply(x, factor, offset, y);
    }

    public override void Backward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> dy = shard.Gradient(Output);
        Statistics statistics = StatisticsOf(shard);
        float[] sumDy = statistics.SumDy;
        float[] sumDyX = statistics.SumDyX;
        ColumnSums.OfProducts(x, statistics.Mean, dy, sumDy, sumDyX);

        // With xhat = (x - mean) * s: d(scale) = sum dy xhat, d(bias) = sum dy,
        // dx = scale * s * (dy - mean(dy) - xhat * mean(dy xhat)) = a * dy + b * x + c.
        int rows = x.Length / _channels;
        Span<float> dScale = shard.Gradient(_scale);
        Span<float> dBias = shard.Gradient(_bias);
        Span<float> a = stackalloc float[_channels];
        Span<float> b = stackalloc float[_channels];
        Span<float> c = stackalloc float[_channels];
        for (int k = 0; k < _channels; k++)
        {
            float s = statistics.InverseDeviation[k];
            float sumDyXHat = sumDyX[k] * s;
            dScale[k] += sumDyXHat;
            dBias[k] += sumDy[k];
            a[k] = _scale.Data[k] * s;
            b[k] = -a[k] * s * sumDyXHat / rows;
            c[k] = (-a[k] * sumDy[k] / rows) - (b[k] * statistics.Mean[k]);
        }

        if (!shard.NeedsGradient(Input))
        {
            return;
        }

        Span<float> dx = shard.GradientTarget(Input, out bool accumulate);
        ChannelAffine.Combine(dy, a, x, b, c, dx, accumulate);
    }

    public override void Finish()
    {
        List<Statistics> used = [.. _statistics.Where(s => s.Key is { IsTraining: true, Samples: > 0 }).Select(s => s.Value)];
        for (int c = 0; c < _channels && used.Count > 0; c++)
        {
            RunningMean[c] += Momentum * (used.Average(s => s.Mean[c]) - RunningMean[c]);
            RunningVariance[c] += Momentum * (used.Average(s => s.Variance[c]) - RunningVariance[c]);
        }
    }

    private Statistics StatisticsOf(Shard shard)
    {
        lock (_statistics)
        {
            if (!_statistics.TryGetValue(shard, out Statistics? statistics))
            {
                statistics = new Statistics(_channels);
                _statistics.Add(shard, statistics);
            }

            return statistics;
        }
    }

    private sealed class Statistics(int channels)
    {
        public float[] Mean { get; } = new float[channels];

        public float[] Variance { get; } = new float[channels];

        public float[] InverseDeviation { get; } = new float[channels];

        public float[] SumDy { get; } = new float[channels];

        public float[] SumDyX { get; } = new float[channels];

        public void Compute(ReadOnlySpan<float> x, int channels)
        {
            // Sums of what the first row leaves: shifted so, the difference of the squares loses no precision.
            int rows = x.Length / channels;
            ReadOnlySpan<float> shift = x[..channels];
            ColumnSums.OfSquares(x, shift, Mean, Variance);
            for (int c = 0; c < channels; c++)
            {
                float mean = Mean[c] / rows;
                Variance[c] = Math.Max((Variance[c] / rows) - (mean * mean), 0);
                Mean[c] = mean + shift[c];
            }
        }
    }
}
