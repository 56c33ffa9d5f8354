using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Compression.QuantizationAware;

using TinyInference.Converter.Graphs;

/// <summary>The int8 numbers that activations are rounded to, which share a scale; the range follows batches by a moving average.</summary>
internal sealed class ActivationGrid
{
    /// <summary>What a batch moves the range by.</summary>
    private const float Momentum = 0.02f;

    private readonly bool _isFixed;
    private ValueRange _range;
    private float _scale;
    private float _low;
    private float _high;

    /// <param name="initial">As calibration found them.</param>
    /// <param name="isFixed">The operator prescribes them, or the network's file.</param>
    public ActivationGrid(QuantizationParameters initial, bool isFixed)
    {
        _isFixed = isFixed;
        _range = ValueRange.Of(initial);
        Quantization = initial;
        Use(initial);
    }

    public QuantizationParameters Quantization { get; private set; }

    /// <summary>Rounds to the nearest real that int8 numbers stand for.</summary>
    public void Round(Span<float> data)
    {
        var inverse = new Vector<float>(1 / _scale);
        var scale = new Vector<float>(_scale);
        var low = new Vector<float>(_low);
        var high = new Vector<float>(_high);
        var half = new Vector<float>(0.5f);
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(data);
        foreach (ref Vector<float> x in vectors)
        {
            x = scale * Vector.Min(Vector.Max(Vector.Floor((x * inverse) + half), low), high);
        }

        foreach (ref float x in data[(vectors.Length * Vector<float>.Count)..])
        {
            x = _scale * Math.Clamp(MathF.Floor((x * (1 / _scale)) + 0.5f), _low, _high);
        }
    }

    /// <summary>The range of a batch's part.</summary>
    public static ValueRange RangeOf(ReadOnlySpan<float> data) => new(TensorPrimitives.Min(data), TensorPrimitives.Max(data));

    /// <summary>Finds the elements that are beyond the smallest or the largest int8 number by more than rounding.</summary>
    /// <param name="range">The smallest and the largest element of <paramref name="data"/>.</param>
    /// <param name="indices">Theirs; emptied first.</param>
    public void FindClipped(ReadOnlySpan<float> data, ValueRange range, List<int> indices)
    {
        indices.Clear();
        float least = _scale * (_low - 0.5f);
        float most = _scale * (_high + 0.5f);
        if (range.Min >= least && range.Max <= most)
        {
            return;
        }

        const int Block = 64;
        for (int start = 0; start < data.Length; start += Block)
        {
            ReadOnlySpan<float> block = data.Slice(start, Math.Min(Block, data.Length - start));
            if (TensorPrimitives.Min(block) >= least && TensorPrimitives.Max(block) <= most)
            {
                continue;
            }

            for (int i = 0; i < block.Length; i++)
            {
                if (block[i] < least || block[i] > most)
                {
                    indices.Add(start + i);
                }
            }
        }
    }

    /// <summary>Moves the range towards that of a whole batch.</summary>
    public void Follow(ValueRange batch)
    {
        if (_isFixed || !float.IsFinite(batch.Min) || !float.IsFinite(batch.Max))
        {
            return;
        }

        _range = new ValueRange(_range.Min + (Momentum * (batch.Min - _range.Min)), _range.Max + (Momentum * (batch.Max - _range.Max)));
        Use(_range.ToParameters());
    }

    private void Use(QuantizationParameters parameters)
    {
        Quantization = parameters;
        _scale = parameters.Scale;
        _low = sbyte.MinValue - parameters.ZeroPoint;
        _high = sbyte.MaxValue - parameters.ZeroPoint;
    }
}
