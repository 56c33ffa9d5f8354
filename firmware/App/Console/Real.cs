using System;

namespace TinyInference.Device;

/// <summary>
/// Single-precision numbers, where the console needs them: samples that come as such, and results. The kernels have none. Precision is
/// single throughout, as in the reference firmware, so that printed digits agree.
/// </summary>
internal static class Real
{
    /// <summary>The number with these IEEE 754 binary32 bits.</summary>
    internal static float FromBits(int bits) => BitConverter.ToSingle(BitConverter.GetBytes(bits), 0);

    /// <summary>The IEEE 754 binary32 bits of a number.</summary>
    internal static int ToBits(float value) => BitConverter.ToInt32(BitConverter.GetBytes(value), 0);

    /// <summary>The integer that a real input becomes: clamp(round(x / scale) + zeroPoint), halves away from zero.</summary>
    internal static int Quantize(float x, float scale, int zeroPoint, int min, int max)
    {
        float steps = x / scale;

        // NaN fails both comparisons and becomes the zero point.
        if (steps >= max - zeroPoint)
        {
            return max;
        }

        if (steps <= min - zeroPoint)
        {
            return min;
        }

        if (!(steps < max - zeroPoint))
        {
            return zeroPoint;
        }

        // Not (int)(steps + 0.5f): that sum can round up to the next integer.
        int whole = (int)steps;
        float part = steps - whole;
        if (part >= 0.5f)
        {
            whole++;
        }
        else if (part <= -0.5f)
        {
            whole--;
        }

        return whole + zeroPoint;
    }

    /// <summary>
    /// Writes a number with three decimals, rounded as printf does: the exact value, halves to even. Infinities and what exceeds 10^12 come
    /// as that; NaN as nan.
    /// </summary>
    internal static void WriteMilli(float value, ReplyWriter reply)
    {
        int bits = ToBits(value);
        int exponent = (bits >> 23) & 255;
        long mantissa = bits & 0x7FFFFF;
        if (exponent == 255 && mantissa != 0)
        {
            reply.Text("nan");
            return;
        }

        if (bits < 0)
        {
            reply.Text("-");
        }

        long milli = Milli(exponent, exponent == 0 ? mantissa : mantissa | 0x800000);
        int decimals = (int)(milli % 1000);
        reply.Number(milli / 1000).Text(".");
        reply.Text(decimals < 10 ? "00" : decimals < 100 ? "0" : "").Number(decimals);
    }

    /// <summary>1000 * mantissa * 2^(exponent - 150), rounded.</summary>
    private static long Milli(int exponent, long mantissa)
    {
        const long Most = 1000000000000000L;
        long product = mantissa * 1000;
        int right = 150 - (exponent == 0 ? 1 : exponent);
        if (right <= 0)
        {
            return -right > 16 || (product << -right) > Most ? Most : product << -right;
        }

        // The product has at most 34 bits.
        if (right > 36)
        {
            return 0;
        }

        long whole = product >> right;
        long rest = product - (whole << right);
        long half = 1L << (right - 1);
        if (rest > half || (rest == half && (whole & 1) != 0))
        {
            whole++;
        }

        return whole;
    }
}
