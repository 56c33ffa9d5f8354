using System.Numerics.Tensors;
using TinyInference.Converter.Quantization;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.QuantizationAware;

using TinyInference.Converter.Graphs;

/// <summary>The int8 numbers that the float weights of an operator are rounded to: symmetric, the largest weight of a scale is 127.</summary>
internal sealed class WeightGrid
{
    private readonly int _inner;
    private readonly int _axis;

    /// <summary>The largest weight of each scale at the beginning, as a power of two: to count in them costs no bit.</summary>
    private readonly float[] _units;

    /// <param name="node">Its input 1 are the weights.</param>
    /// <param name="weights">Of which <paramref name="node"/>'s weights are the value.</param>
    /// <param name="perChannel">One scale for each output channel.</param>
    public WeightGrid(Node node, Parameter weights, bool perChannel)
    {
        Parameter = weights;
        _axis = WeightQuantizer.WeightAxis(node)!.Value;
        _inner = weights.Value.Shape.Strides()[_axis];
        Scales = new float[perChannel ? weights.Value.Shape[_axis] : 1];
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
            float unit = _units.Length == 1 ? _units[0] : _units[i / _inner % _units.Length];
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
                ref float largest = ref Scales[i / _inner % Scales.Length];
                largest = Math.Max(largest, Math.Abs(master[i]));
            }
        }

        for (int c = 0; c < Scales.Length; c++)
        {
            float scale = Math.Abs(Scales[c]) / sbyte.MaxValue;
            Scales[c] = float.IsNormal(scale) ? scale : 1;
        }
    }

    private float ScaleOf(int index) => Scales.Length == 1 ? Scales[0] : Scales[index / _inner % Scales.Length];
}
