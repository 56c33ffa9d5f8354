namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>
/// The mean of each channel of the activations that weights multiply, over calibration samples. Rounded weights shift an output by the
/// rounding errors times these means; the bias can take that back (M. Nagel et al., "Data-Free Quantization Through Weight
/// Equalization and Bias Correction", ICCV 2019, section 4.2).
/// </summary>
internal sealed class ChannelMeans
{
    /// <summary>Samples that take part; a mean needs fewer than a range.</summary>
    private const int MostSamples = 256;

    private readonly Dictionary<Value, float[][]> _samples = [];

    /// <param name="graph">Its nodes with weights say which activations matter.</param>
    /// <param name="sampleCount">Calibration samples that there will be.</param>
    public ChannelMeans(Graph graph, int sampleCount)
    {
        foreach (Value input in graph.Nodes.Where(n => WeightQuantizer.WeightAxis(n) is not null).Select(n => n.Input(0)).Where(v => !v.IsConstant && v.Shape.Rank > 0))
        {
            _samples.TryAdd(input, new float[Math.Min(MostSamples, sampleCount)][]);
        }
    }

    /// <summary>Adds the means of one sample. Each sample has its place, so that threads may come in any order.</summary>
    public void Add(int sample, Value value, Tensor tensor)
    {
        if (sample >= MostSamples || !_samples.TryGetValue(value, out float[][]? samples))
        {
            return;
        }

        int channels = value.Shape[-1];
        float[] data = tensor.Floats;
        var sums = new double[channels];
        for (int start = 0; start < data.Length; start += channels)
        {
            for (int c = 0; c < channels; c++)
            {
                sums[c] += data[start + c];
            }
        }

        samples[sample] = Array.ConvertAll(sums, s => (float)(s * channels / data.Length));
    }

    /// <summary>The mean of each index of the last dimension; null for what was not seen.</summary>
    public double[]? Of(Value value) => !_samples.TryGetValue(value, out float[][]? samples) || samples.Length == 0
        ? null
        : [.. Enumerable.Range(0, value.Shape[-1]).Select(c => samples.Average(s => (double)s[c]))];
}
