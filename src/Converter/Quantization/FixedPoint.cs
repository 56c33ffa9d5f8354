namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>A real factor as TensorFlow Lite stores it: Multiplier / 2^31 * 2^Shift.</summary>
/// <param name="Multiplier">Q31 in [2^30, 2^31), or 0.</param>
/// <param name="Shift">-31 to 30, positive is to the left.</param>
internal readonly record struct QuantizedMultiplier(int Multiplier, int Shift)
{
    /// <summary>The nearest such factor (TensorFlow Lite: QuantizeMultiplier). Below 2^-32 it is 0, above 2^30 saturated.</summary>
    public static QuantizedMultiplier From(double real)
    {
        if (real == 0)
        {
            return default;
        }

        (double fraction, int exponent) = FixedPoint.SplitExponent(real);
        long fixedPoint = (long)Math.Round(fraction * (1L << 31), MidpointRounding.AwayFromZero);
        if (fixedPoint == 1L << 31)
        {
            fixedPoint /= 2;
            exponent++;
        }

        return exponent < -31 ? default : exponent > 30 ? new(int.MaxValue, 30) : new((int)fixedPoint, exponent);
    }

    /// <summary>x times the factor, rounded twice as TensorFlow Lite Micro does by default (MultiplyByQuantizedMultiplier).</summary>
    public int Apply(int x)
    {
        int left = Math.Max(Shift, 0);
        int right = Math.Max(-Shift, 0);
        return FixedPoint.RoundingDivideByPowerOfTwo(FixedPoint.DoublingHighMultiply(unchecked(x << left), Multiplier), right);
    }
}

/// <summary>The integer arithmetic that TensorFlow Lite shares between its operators (gemmlowp's fixed point, quantization_util).</summary>
internal static class FixedPoint
{
    /// <summary>High 32 bits of 2ab, rounded to nearest, half away from zero; saturated (SaturatingRoundingDoublingHighMul).</summary>
    public static int DoublingHighMultiply(int a, int b)
    {
        if (a == int.MinValue && b == int.MinValue)
        {
            return int.MaxValue;
        }

        long product = (long)a * b;
        return (int)((product + (product >= 0 ? 1 << 30 : 1 - (1 << 30))) / (1L << 31));
    }

    /// <summary>As <see cref="DoublingHighMultiply"/> for 16 bits.</summary>
    public static short DoublingHighMultiply16(short a, short b)
    {
        if (a == short.MinValue && b == short.MinValue)
        {
            return short.MaxValue;
        }

        int product = a * b;
        return (short)((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
    }

    /// <summary>x / 2^exponent, rounded to nearest, half away from zero (RoundingDivideByPOT).</summary>
    public static int RoundingDivideByPowerOfTwo(int x, int exponent)
    {
        int mask = (int)((1L << exponent) - 1);
        int remainder = x & mask;
        int threshold = (mask >> 1) + (x < 0 ? 1 : 0);
        return (x >> exponent) + (remainder > threshold ? 1 : 0);
    }

    /// <summary>x * 2^exponent, saturated.</summary>
    public static int SaturatingShiftLeft(int x, int exponent) => (int)Math.Clamp((long)x << exponent, int.MinValue, int.MaxValue);

    /// <summary>C's frexp: fraction in [0.5, 1) and exponent with fraction * 2^exponent = <paramref name="x"/>, which is finite and above 0.</summary>
    public static (double Fraction, int Exponent) SplitExponent(double x)
    {
        int exponent = Math.ILogB(x) + 1;
        return (Math.ScaleB(x, -exponent), exponent);
    }

    /// <summary>The largest difference that does not leave the fixed-point range after scaling (CalculateInputRadius).</summary>
    public static int InputRadius(int integerBits, int leftShift) =>
        (int)Math.Floor(1.0 * ((1 << integerBits) - 1) * (1L << (31 - integerBits)) / Math.ScaleB(1, leftShift));

    /// <summary>The int8 range that a fused activation leaves (CalculateActivationRangeQuantized).</summary>
    public static (int Min, int Max) Range(Clamp clamp, QuantizationParameters output)
    {
        int min = float.IsNegativeInfinity(clamp.Min) ? sbyte.MinValue : Quantize(clamp.Min, output.Scale, output.ZeroPoint);
        int max = float.IsPositiveInfinity(clamp.Max) ? sbyte.MaxValue : Quantize(clamp.Max, output.Scale, output.ZeroPoint);
        return (min, Math.Max(min, max));
    }

    /// <summary>The nearest int8: round(real / scale) + zeroPoint in single precision, half away from zero, clamped. NaN becomes the zero point.</summary>
    public static sbyte Quantize(float real, float scale, int zeroPoint)
    {
        float scaled = MathF.Round(real / scale, MidpointRounding.AwayFromZero);
        return float.IsNaN(scaled) ? Saturate(zeroPoint) : (sbyte)Math.Clamp((double)scaled + zeroPoint, sbyte.MinValue, sbyte.MaxValue);
    }

    public static sbyte Saturate(int value) => (sbyte)Math.Clamp(value, sbyte.MinValue, sbyte.MaxValue);
}
