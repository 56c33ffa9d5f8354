namespace TinyInference.Converter.Cli.Prediction;

/// <summary>How far one operator of a blob is from the float model, over all samples.</summary>
internal sealed class LayerComparison(string kind, string name)
{
    private double _signal;
    private double _noise;
    private long _saturated;
    private long _elements;

    public string Kind { get; } = kind;

    public string Name { get; } = name;

    /// <summary>The float model has a tensor of this name and size.</summary>
    public bool IsComparable => _elements > 0;

    /// <summary>10 log10(sum of squares of float / sum of squares of the difference); infinite where nothing differs.</summary>
    public double SignalToNoise => _noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(_signal / _noise);

    /// <summary>Part of the elements whose float value lies more than half a step outside what the tensor can hold.</summary>
    public double Saturation => (double)_saturated / _elements;

    /// <summary>Largest difference.</summary>
    public double MaxError { get; private set; }

    /// <param name="expected">What the float model computes.</param>
    /// <param name="actual">What the blob's integers stand for.</param>
    /// <param name="low">Smallest real that the tensor can hold, less half a step.</param>
    /// <param name="high">Largest, and half a step.</param>
    public void Add(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float low, float high)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = (double)expected[i] - actual[i];
            _signal += (double)expected[i] * expected[i];
            _noise += difference * difference;
            _saturated += expected[i] < low || expected[i] > high ? 1 : 0;
            MaxError = Math.Max(MaxError, Math.Abs(difference));
        }

        _elements += expected.Length;
    }

    /// <summary>Takes in what another thread found.</summary>
    public void Merge(LayerComparison other)
    {
        _signal += other._signal;
        _noise += other._noise;
        _saturated += other._saturated;
        _elements += other._elements;
        MaxError = Math.Max(MaxError, other.MaxError);
    }
}
