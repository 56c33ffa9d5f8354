using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>x * relu6(x + 3) / 6 in 16-bit integers, as TensorFlow Lite computes it (reference_ops HardSwish).</summary>
internal static class HardSwishTable
{
    /// <summary>The table, or null where the output's scale is too small for that arithmetic.</summary>
    public static sbyte[]? TryMake(QuantizationParameters input, QuantizationParameters output)
    {
        // The input is held with 7 bits more; the relu part in units of 3 / 2^15.
        float fineScale = 1f / 128f * input.Scale;
        QuantizedMultiplier toOutput = QuantizedMultiplier.From(fineScale / output.Scale);
        QuantizedMultiplier toRelu = QuantizedMultiplier.From(fineScale / (3f / 32768f));
        if (toOutput.Shift > 0 || toRelu.Shift is > 16 or < -15 || toOutput.Shift < -15)
        {
            return null;
        }

        short outputFactor = DownScale(toOutput.Multiplier);
        short reluFactor = DownScale(toRelu.Multiplier);
        return Tables.Make(x =>
        {
            short fine = (short)((x - input.ZeroPoint) * 128);
            short unshifted = FixedPoint.DoublingHighMultiply16(fine, outputFactor);
            short relu = fine;
            if (toRelu.Shift > 0)
            {
                relu = ShiftLeft(relu, toRelu.Shift - 1);
            }

            relu = FixedPoint.DoublingHighMultiply16(relu, reluFactor);
            if (toRelu.Shift > 0)
            {
                relu = ShiftLeft(relu, 1);
            }
            else if (toRelu.Shift < 0)
            {
                relu = (short)FixedPoint.RoundingDivideByPowerOfTwo(relu, -toRelu.Shift);
            }

            // From [-1, 1] to [0, 1].
            relu = (short)((relu + (1 << 15)) >> 1);
            int product = relu == short.MinValue && unshifted == short.MinValue ? short.MaxValue : relu * unshifted / (1 << 15);
            return (short)(FixedPoint.RoundingDivideByPowerOfTwo(product, -toOutput.Shift) + output.ZeroPoint);
        });
    }

    /// <summary>The factor with 16 bits (DownScaleInt32ToInt16Multiplier).</summary>
    private static short DownScale(int multiplier) =>
        multiplier >= int.MaxValue - (1 << 15) ? short.MaxValue : (short)((multiplier + (1 << 15)) >> 16);

    private static short ShiftLeft(short value, int amount) => (short)Math.Clamp((long)value << amount, short.MinValue, short.MaxValue);
}
