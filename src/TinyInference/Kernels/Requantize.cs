namespace TinyInference;

/// <summary>From an accumulator to int8: a Q31 multiplier and a shift, rounded twice as TensorFlow Lite does. See docs/ARITHMETIC.md.</summary>
internal static class Requantize
{
    /// <summary>Accumulators that kernels collect before they hand them over: one call for so many channels.</summary>
    internal const int Chunk = 64;

    /// <summary>Half of what the multiplier's product is divided by.</summary>
    internal const long Half = 1L << 30;

    /// <summary>x * multiplier * 2^(shift - 31).</summary>
    internal static int Apply(int x, int multiplier, int shift)
    {
        if (shift > 0)
        {
            x <<= shift;
        }

        long high = (((long)x * multiplier) + Half) >> 31;
        if (shift < 0)
        {
            high = (high + (1L << (-shift - 1)) + (high >> 63)) >> -shift;
        }

        return (int)high;
    }

    /// <summary>Writes <paramref name="count"/> accumulators from <paramref name="from"/> on, the first one of channel <paramref name="firstChannel"/>, to the arena from <paramref name="y"/> on.</summary>
    internal static void Store(int[] accumulators, int from, int count, Operator op, int firstChannel, sbyte[] arena, int y, int zpY, int min, int max)
    {
        int[] multipliers = op.Multipliers;
        sbyte[] shifts = op.Shifts;
        int step = multipliers.Length == 1 ? 0 : 1;
        int channel = firstChannel * step;

        // Behind a ReLU nothing that is not above 0 needs the second rounding: it gives the least result. Where there is none,
        // what is below -2^31 with the zero point wraps.
        long least = min >= zpY ? 0 : long.MinValue;
        for (int i = 0; i < count; i++)
        {
            int x = accumulators[from + i];
            int shift = shifts[channel];
            if (shift > 0)
            {
                x <<= shift;
            }

            long high = (((long)x * multipliers[channel]) + Half) >> 31;
            int result = min;
            if (high > least || shift >= 0)
            {
                if (shift < 0)
                {
                    // Half away from zero: the sign takes 1 off below zero.
                    high = (high + (1L << (-shift - 1)) + (high >> 63)) >> -shift;
                }

                result = (int)high + zpY;
                if (result < min)
                {
                    result = min;
                }
                else if (result > max)
                {
                    result = max;
                }
            }

            arena[y + i] = (sbyte)result;
            channel += step;
        }
    }

    /// <summary>As <see cref="Store"/>, to int16 with the zero point 0.</summary>
    internal static void StoreWide(int[] accumulators, int from, int count, Operator op, int firstChannel, sbyte[] arena, int y, int min, int max)
    {
        int[] multipliers = op.Multipliers;
        sbyte[] shifts = op.Shifts;
        int step = multipliers.Length == 1 ? 0 : 1;
        if (step == 0 && shifts[0] < 0)
        {
            StoreWide(accumulators, from, from + count, multipliers[0], -shifts[0], arena, y, min, max);
            return;
        }

        int channel = firstChannel * step;
        for (int end = from + count; from < end; from++)
        {
            int x = accumulators[from];
            int shift = shifts[channel];
            if (shift > 0)
            {
                x <<= shift;
            }

            long high = (((long)x * multipliers[channel]) + Half) >> 31;
            if (shift < 0)
            {
                high = (high + (1L << (-shift - 1)) + (high >> 63)) >> -shift;
            }

            int value = high < min ? min : high > max ? max : (int)high;
            arena[y] = (sbyte)value;
            arena[y + 1] = (sbyte)(value >> 8);
            y += 2;
            channel += step;
        }
    }

    /// <summary>One factor for all, as logits have.</summary>
    private static void StoreWide(int[] accumulators, int from, int end, long multiplier, int right, sbyte[] arena, int y, int min, int max)
    {
        long half = 1L << (right - 1);
        for (; from < end; from++)
        {
            long high = ((accumulators[from] * multiplier) + Half) >> 31;
            int value = (int)((high + half + (high >> 63)) >> right);
            value = value < min ? min : value > max ? max : value;
            arena[y] = (sbyte)value;
            arena[y + 1] = (sbyte)(value >> 8);
            y += 2;
        }
    }

    /// <summary>Makes <paramref name="count"/> accumulators from <paramref name="from"/> on int16, saturated, in place.</summary>
    internal static void ToInt16(int[] accumulators, int from, int count, Operator op, int multiplier, int step)
    {
        int[] multipliers = op.Multipliers;
        sbyte[] shifts = op.Shifts;
        int end = from + count;
        if (step == 0 && shifts[multiplier] < 0)
        {
            // One factor for all, as gates have: nothing about it is asked again.
            ToInt16(accumulators, from, end, multipliers[multiplier], -shifts[multiplier]);
            return;
        }

        for (; from < end; from++)
        {
            int x = accumulators[from];
            int shift = shifts[multiplier];
            if (shift > 0)
            {
                x <<= shift;
            }

            long high = (((long)x * multipliers[multiplier]) + Half) >> 31;
            if (shift < 0)
            {
                high = (high + (1L << (-shift - 1)) + (high >> 63)) >> -shift;
            }

            accumulators[from] = high > short.MaxValue ? short.MaxValue : high < short.MinValue ? short.MinValue : (int)high;
            multiplier += step;
        }
    }

    private static void ToInt16(int[] accumulators, int from, int end, long multiplier, int right)
    {
        long half = 1L << (right - 1);
        for (; from < end; from++)
        {
            long high = ((accumulators[from] * multiplier) + Half) >> 31;
            int value = (int)((high + half + (high >> 63)) >> right);
            accumulators[from] = value == (short)value ? value : value > 0 ? short.MaxValue : short.MinValue;
        }
    }
}
