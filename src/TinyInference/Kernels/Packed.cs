using System;

namespace TinyInference;

/// <summary>
/// Sums of products of three output channels at a time: W = w0 + (w1 &lt;&lt; 21) + (w2 &lt;&lt; 42), so that one 64-bit multiplication and
/// addition by an activation serve all three. A sum is exact as long as each channel's part stays below 2^20, which the
/// converter sees to (span). On an interpreter the count of instructions is the time, and these are a third of them.
/// </summary>
internal static class Packed
{
    /// <summary>Weights that <see cref="Multiply"/> takes at a time.</summary>
    internal const int Most = 16;

    /// <summary>Packs <paramref name="count"/> weights of three output channels, which start at <paramref name="a"/>, <paramref name="b"/>, <paramref name="c"/>.</summary>
    internal static void Pack(byte[] weights, int a, int b, int c, int count, long[] scratch)
    {
        for (int i = 0; i < count; i++)
        {
            scratch[i] = (sbyte)weights[a++] + ((long)(sbyte)weights[b++] << 21) + ((long)(sbyte)weights[c++] << 42);
        }
    }

    /// <summary>
    /// scratch[i] += the packed weights times x[at...] for i from <paramref name="from"/> to <paramref name="end"/> - 1, where <paramref name="at"/> moves by <paramref name="step"/>.
    /// There are <paramref name="count"/> packed weights, 1 to <see cref="Most"/>.
    /// </summary>
    internal static void Multiply(long[] scratch, int count, sbyte[] x, int at, int step, int from, int end)
    {
        if (count == 16)
        {
            Multiply16(scratch, x, at, step, from, end);
            return;
        }

        int done = 0;
        if (count >= 8)
        {
            Multiply8(scratch, x, at, step, from, end);
            done = 8;
        }

        if (count - done >= 4)
        {
            Multiply4(scratch, done, x, at + done, step, from, end);
            done += 4;
        }

        if (count - done >= 2)
        {
            Multiply2(scratch, done, x, at + done, step, from, end);
            done += 2;
        }

        if (count != done)
        {
            long w = scratch[done];
            at += done;
            for (int i = from; i < end; i++)
            {
                scratch[i] += w * x[at];
                at += step;
            }
        }
    }

    private static void Multiply16(long[] scratch, sbyte[] x, int at, int step, int from, int end)
    {
        long w0 = scratch[0];
        long w1 = scratch[1];
        long w2 = scratch[2];
        long w3 = scratch[3];
        long w4 = scratch[4];
        long w5 = scratch[5];
        long w6 = scratch[6];
        long w7 = scratch[7];
        long w8 = scratch[8];
        long w9 = scratch[9];
        long w10 = scratch[10];
        long w11 = scratch[11];
        long w12 = scratch[12];
        long w13 = scratch[13];
        long w14 = scratch[14];
        long w15 = scratch[15];
        for (int i = from; i < end; i++)
        {
            scratch[i] = scratch[i] + (w0 * x[at]) + (w1 * x[at + 1]) + (w2 * x[at + 2]) + (w3 * x[at + 3])
                + (w4 * x[at + 4]) + (w5 * x[at + 5]) + (w6 * x[at + 6]) + (w7 * x[at + 7])
                + (w8 * x[at + 8]) + (w9 * x[at + 9]) + (w10 * x[at + 10]) + (w11 * x[at + 11])
                + (w12 * x[at + 12]) + (w13 * x[at + 13]) + (w14 * x[at + 14]) + (w15 * x[at + 15]);
            at += step;
        }
    }

    private static void Multiply8(long[] scratch, sbyte[] x, int at, int step, int from, int end)
    {
        long w0 = scratch[0];
        long w1 = scratch[1];
        long w2 = scratch[2];
        long w3 = scratch[3];
        long w4 = scratch[4];
        long w5 = scratch[5];
        long w6 = scratch[6];
        long w7 = scratch[7];
        for (int i = from; i < end; i++)
        {
            scratch[i] = scratch[i] + (w0 * x[at]) + (w1 * x[at + 1]) + (w2 * x[at + 2]) + (w3 * x[at + 3])
                + (w4 * x[at + 4]) + (w5 * x[at + 5]) + (w6 * x[at + 6]) + (w7 * x[at + 7]);
            at += step;
        }
    }

    private static void Multiply4(long[] scratch, int first, sbyte[] x, int at, int step, int from, int end)
    {
        long w0 = scratch[first];
        long w1 = scratch[first + 1];
        long w2 = scratch[first + 2];
        long w3 = scratch[first + 3];
        for (int i = from; i < end; i++)
        {
            scratch[i] = scratch[i] + (w0 * x[at]) + (w1 * x[at + 1]) + (w2 * x[at + 2]) + (w3 * x[at + 3]);
            at += step;
        }
    }

    private static void Multiply2(long[] scratch, int first, sbyte[] x, int at, int step, int from, int end)
    {
        long w0 = scratch[first];
        long w1 = scratch[first + 1];
        for (int i = from; i < end; i++)
        {
            scratch[i] = scratch[i] + (w0 * x[at]) + (w1 * x[at + 1]);
            at += step;
        }
    }

    /// <summary>sums[i] += <paramref name="value"/>: what a window element outside the input contributes.</summary>
    internal static void Add(long value, long[] sums, int from, int end)
    {
        for (int i = from; i < end; i++)
        {
            sums[i] += value;
        }
    }

    /// <summary>
    /// Adds the three parts of each sum to <paramref name="wide"/> (3 for each sum) and clears the sums. With
    /// <paramref name="isFirst"/> what was there is replaced by the biases before.
    /// </summary>
    internal static void Spill(long[] sums, int first, int count, Operator op, int channel, int parts, int[] wide, bool isFirst)
    {
        if (isFirst)
        {
            int biasA = op.Biases[channel];
            int biasB = parts > 1 ? op.Biases[channel + 1] : 0;
            int biasC = parts > 2 ? op.Biases[channel + 2] : 0;
            for (int i = 0; i < 3 * count; i += 3)
            {
                wide[i] = biasA;
                wide[i + 1] = biasB;
                wide[i + 2] = biasC;
            }
        }

        int to = 0;
        int end = first + count;
        for (int i = first; i < end; i++)
        {
            long sum = sums[i];
            long part = (sum << 43) >> 43;
            wide[to] += (int)part;
            sum = (sum - part) >> 21;
            part = (sum << 43) >> 43;
            wide[to + 1] += (int)part;
            wide[to + 2] += (int)((sum - part) >> 21);
            to += 3;
        }

        Array.Clear(sums, first, count);
    }

    /// <summary>
    /// Requantizes the parts of each sum for an operator whose clamp begins at zpY (a Relu), and stores <paramref name="channels"/> (1 to 3) of
    /// them at y, y + 1, y + 2; then y moves by <paramref name="step"/>. What is not above 0 becomes zpY without any arithmetic. For the rest both
    /// roundings are to the next integer, halves up, and become one: ((p + 2^30) >> 31 + 2^(s-1)) >> s = (p + 2^30 + 2^(s+30)) >> (31 + s).
    /// </summary>
    internal static void StoreRelu(long[] sums, int first, int count, Operator op, int channel, int channels, sbyte[] arena, int y, int step, int zpY, int max)
    {
        bool single = op.Multipliers.Length == 1;
        int b = channels > 1 ? channel + 1 : channel;
        int c = channels > 2 ? channel + 2 : channel;
        long biasA = op.Biases[channel];
        long biasB = op.Biases[b];
        long biasC = op.Biases[c];
        long multiplierA = op.Multipliers[single ? 0 : channel];
        long multiplierB = op.Multipliers[single ? 0 : b];
        long multiplierC = op.Multipliers[single ? 0 : c];
        int shiftA = 31 - op.Shifts[single ? 0 : channel];
        int shiftB = 31 - op.Shifts[single ? 0 : b];
        int shiftC = 31 - op.Shifts[single ? 0 : c];
        long halfA = Halves(shiftA);
        long halfB = Halves(shiftB);
        long halfC = Halves(shiftC);
        int most = max - zpY;
        int end = first + count;
        sbyte zero = (sbyte)zpY;
        sbyte largest = (sbyte)max;

        // A channel that is not there goes where the first one is stored last.
        int placeB = b - channel;
        int placeC = c - channel;
        for (int i = first; i < end; i++)
        {
            long sum = sums[i];
            long partA = (sum << 43) >> 43;
            sum -= partA;
            long part = (sum << 22) >> 43;
            sum = (((sum >> 21) - part) >> 21) + biasC;
            if (sum <= 0)
            {
                arena[y + placeC] = zero;
            }
            else
            {
                int result = (int)(((sum * multiplierC) + halfC) >> shiftC);
                arena[y + placeC] = result > most ? largest : (sbyte)(result + zpY);
            }

            part += biasB;
            if (part <= 0)
            {
                arena[y + placeB] = zero;
            }
            else
            {
                int result = (int)(((part * multiplierB) + halfB) >> shiftB);
                arena[y + placeB] = result > most ? largest : (sbyte)(result + zpY);
            }

            partA += biasA;
            if (partA <= 0)
            {
                arena[y] = zero;
            }
            else
            {
                int result = (int)(((partA * multiplierA) + halfA) >> shiftA);
                arena[y] = result > most ? largest : (sbyte)(result + zpY);
            }

            y += step;
        }
    }

    /// <summary>What both roundings add before one shift by <paramref name="shift"/>, 31 or more.</summary>
    internal static long Halves(int shift) => shift > 31 ? (1L << 30) + (1L << (shift - 1)) : 1L << 30;

    /// <summary>Whether <see cref="StoreRelu"/> can serve: it shifts to the right only.</summary>
    internal static bool ShiftsRight(Operator op)
    {
        sbyte[] shifts = op.Shifts;
        for (int i = 0; i < shifts.Length; i++)
        {
            if (shifts[i] > 0)
            {
                return false;
            }
        }

        return true;
    }
}
