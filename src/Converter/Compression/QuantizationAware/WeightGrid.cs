using System.Numerics.Tensors;
using TinyInference.Converter.Quantization;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.QuantizationAware;

using TinyInference.Converter.Graphs;

/// <summary>The int8 numbers that the float weights of an operator are rounded to: symmetric, the largest weight of a scale is 127.</summary>
internal sealed class WeightGrid
{
    /// <summary>Thresholds that are tried, each a quarter of an octave below the one before it: down to a 256th.</summary>
    private const int MostClipping = 32;

    private static readonly float s_clippingStep = MathF.Pow(2, -0.25f);

    private readonly int _inner;
    private readonly int _axis;

    /// <summary>The largest weight of each scale at the beginning, as a power of two: to count in them costs no bit.</summary>
    private readonly float[] _units;

    /// <param name="node">Its input 1 are the weights.</param>
    /// <param name="weights">Of which <paramref name="node"/>'s weights are the value.</param>
    /// <param name="perChannel">One scale for each output channel.</param>
    /// <param name="power">The mean square of what each input channel brings: weights are clipped to where the outputs change least.</param>
    public WeightGrid(Node node, Parameter weights, bool perChannel, double[] power)
    {
        Parameter = weights;
        _axis = WeightQuantizer.WeightAxis(node)!.Value;
        _inner = weights.Value.Shape.Strides()[_axis];
        Scales = new float[perChannel ? weights.Value.Shape[_axis] : 1];
        Clip(node, power);
        FindScales(weights.Data);
        _units = Array.ConvertAll(Scales, s => Unit(s * sbyte.MaxValue));
    }

    public Parameter Parameter { get; }

    /// <summary>Of the last <see cref="Round"/>.</summary>
    public float[] Scales { get; }

    public QuantizationParameters Quantization => new((float[])Scales.Clone(), new int[Scales.Length], Scales.Length > 1 ? _axis : 0);

    /// <summary>The power of two next to a magnitude.</summary>
    public static float Unit(float magnitude) => float.IsNormal(magnitude) ? MathF.ScaleB(1, Math.Clamp(MathF.ILogB(magnitude), -100, 100)) : 1;

    /// <summary>Multiplies, or divides, numbers of the weights' layout by the units that training counts them in.</summary>
    public void Scale(float[] data, bool inverse)
    {
        for (int i = 0; i < data.Length; i++)
        {
            float unit = _units[ScaleIndex(i)];
            data[i] *= inverse ? 1 / unit : unit;
        }
    }

    /// <summary>Scales from <paramref name="master"/>, and the reals that its int8 numbers stand for into the parameter's data.</summary>
    public void Round(float[] master)
    {
        FindScales(master);
        float[] data = Parameter.Data;
        for (int i = 0; i < data.Length; i++)
        {
            float scale = ScaleOf(i);
            data[i] = scale * MathF.Round(master[i] / scale, MidpointRounding.AwayFromZero);
        }
    }

    /// <summary>The int8 numbers of what <see cref="Round"/> has left in the parameter's data.</summary>
    public sbyte[] Integers() => [.. Parameter.Data.Select((w, i) => (sbyte)Math.Clamp(MathF.Round(w / ScaleOf(i)), -sbyte.MaxValue, sbyte.MaxValue))];

    /// <summary>
    /// Clips the float weights of each scale to the threshold under which rounding changes the operator's outputs least. A channel that
    /// is never or hardly active has a tiny variance, which folded batch norm has divided by: its weights are large, mean nothing,
    /// and would leave the others a few of the 255 numbers (T. Sheng et al., arXiv 1803.08607, section 3). Training can't take
    /// that back, since weights that multiply zeros have no gradient.
    /// </summary>
    private void Clip(Node node, double[] power)
    {
        float[] data = Parameter.Data;
        int channels = Parameter.Value.Shape[_axis];
        float[] importance = [.. data.Select((_, i) => (float)power[WeightQuantizer.InputChannel(node, Parameter.Value.Shape, i, i / _inner % channels)])];
        FindScales(data);
        float[] thresholds = Array.ConvertAll(Scales, s => s * sbyte.MaxValue);
        float[] candidates = (float[])thresholds.Clone();
        double[] least = Errors(data, importance, candidates);
        for (int i = 1; i <= MostClipping; i++)
        {
            candidates = Array.ConvertAll(candidates, t => t * s_clippingStep);
            double[] errors = Errors(data, importance, candidates);
            for (int c = 0; c < errors.Length; c++)
            {
                if (errors[c] < least[c])
                {
                    (least[c], thresholds[c]) = (errors[c], candidates[c]);
                }
            }
        }

        for (int i = 0; i < data.Length; i++)
        {
            float threshold = thresholds[ScaleIndex(i)];
            data[i] = Math.Clamp(data[i], -threshold, threshold);
        }
    }

    /// <summary>What clipping and rounding adds to the outputs of each scale: the sum of squares.</summary>
    private double[] Errors(float[] weights, float[] importance, float[] thresholds)
    {
        var errors = new double[thresholds.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            int c = ScaleIndex(i);
            float scale = thresholds[c] / sbyte.MaxValue;
            float error = weights[i] - (scale * Math.Clamp(MathF.Round(weights[i] / scale), -sbyte.MaxValue, sbyte.MaxValue));
            errors[c] += (double)importance[i] * error * error;
        }

        return errors;
    }

    private void FindScales(float[] master)
    {
        if (Scales.Length == 1)
        {
            Scales[0] = TensorPrimitives.MaxMagnitude<float>(master);
        }
        else
        {
            Scales.AsSpan().Clear();
            for (int i = 0; i < master.Length; i++)
            {
                ref float largest = ref Scales[ScaleIndex(i)];
                largest = Math.Max(largest, Math.Abs(master[i]));
            }
        }

        for (int c = 0; c < Scales.Length; c++)
        {
            float scale = Math.Abs(Scales[c]) / sbyte.MaxValue;
            Scales[c] = float.IsNormal(scale) ? scale : 1;
        }
    }

    private float ScaleOf(int index) => Scales[ScaleIndex(index)];

    /// <summary>Which scale weight <paramref name="index"/> has.</summary>
    private int ScaleIndex(int index) => Scales.Length == 1 ? 0 : index / _inner % Scales.Length;
}
