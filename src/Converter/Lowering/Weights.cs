using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>The constants of operators that multiply by weights: checked, with zero points folded into biases.</summary>
internal static class Weights
{
    /// <summary>Int8 weights, whose zero points must be 0.</summary>
    public static (sbyte[] Data, QuantizationParameters Quantization) Get(Value value)
    {
        if (value.Constant is not { Type: ElementType.Int8 } constant || value.Quantization is not { } quantization)
        {
            throw new UnsupportedException($"its weights '{value.Name}' are no int8 constant");
        }

        if (quantization.ZeroPoints.Any(z => z != 0))
        {
            throw new UnsupportedException($"its weights '{value.Name}' have a zero point other than 0");
        }

        return (constant.Int8s, quantization);
    }

    /// <summary>
    /// Biases less zpX times the sum of each output channel's weights, so that a kernel need not subtract the zero point.
    /// </summary>
    /// <param name="bias">int32 [channels], or null for zeros.</param>
    /// <param name="channelOf">The output channel that the weight at an index belongs to.</param>
    public static int[] FoldZeroPoint(Value? bias, int channels, int zeroPoint, sbyte[] weights, Func<int, int> channelOf)
    {
        long[] folded = new long[channels];
        if (zeroPoint != 0)
        {
            for (int i = 0; i < weights.Length; i++)
            {
                folded[channelOf(i)] -= zeroPoint * weights[i];
            }
        }

        if (bias is not null)
        {
            if (bias.Constant is not { } constant || constant.Type is not (ElementType.Int32 or ElementType.Int64) || constant.Data.Length != channels)
            {
                throw new UnsupportedException($"its bias '{bias.Name}' is no int32 constant of {channels} elements");
            }

            long[] plain = constant.ToInt64s();
            for (int o = 0; o < channels; o++)
            {
                folded[o] += plain[o];
            }
        }

        if (Array.Exists(folded, b => b != (int)b))
        {
            throw new UnsupportedException("a bias exceeds 32 bits; its weights' scale is too small for its bias");
        }

        return Array.ConvertAll(folded, b => (int)b);
    }

    /// <summary>One factor for each channel, or one for all (PopulateConvolutionQuantizationParams: all in double precision).</summary>
    public static (int[] Multipliers, sbyte[] Shifts) Multipliers(float input, QuantizationParameters weights, float output, int channels)
    {
        if (!weights.IsPerTensor && weights.Scales.Length != channels)
        {
            throw new UnsupportedException($"its weights have {weights.Scales.Length} scales for {channels} channels");
        }

        return Split(Array.ConvertAll(weights.Scales, scale => QuantizedMultiplier.From((double)input * scale / output)));
    }

    public static (int[] Multipliers, sbyte[] Shifts) Split(params QuantizedMultiplier[] factors) =>
        (Array.ConvertAll(factors, f => f.Multiplier), Array.ConvertAll(factors, f => (sbyte)f.Shift));
}
