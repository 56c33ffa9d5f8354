namespace TinyInference;

/// <summary>
/// SOFTMAX in fixed point, as gemmlowp defines exp and 1 / (1 + x). Values are written Qm.n: m integer bits, n fraction bits and a sign.
/// May work in place.
/// </summary>
internal static class Softmax
{
    /// <summary>Sums are Q12.19: more elements could reach 2^12.</summary>
    private const int MostDepth = 4095;

    private const int OneQuarter = 1 << 24;

    internal static void Validate(Operator op)
    {
        Check.Int8(op, 1, 1);
        int[] p = op.Parameters;
        Check.Counts(op, 5, 0, 0);
        Check.Quantization(op, 0);
        long count = Check.Times(op, Check.Times(op, 1, p[0]), p[1]);
        Check.Require(count == op.Inputs[0].ElementCount && count == op.Outputs[0].ElementCount, BlobError.Shape, op);
        Check.Range(op, 1, 1, MostDepth);
        Check.Range(op, 2, 0, int.MaxValue);
        Check.Range(op, 3, 0, 31);
        Check.Range(op, 4, int.MinValue, 0);
    }

    /// <param name="op">What to run.</param>
    /// <param name="arena">All activations.</param>
    /// <param name="scratch32">Keeps the powers of a row where it is long enough; otherwise they are computed twice.</param>
    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int depth = p[1];
        int multiplier = p[2];
        int leftShift = p[3];
        int diffMin = p[4];
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        bool keeps = scratch32.Length >= depth;
        for (int row = 0; row < p[0]; row++)
        {
            int end = x + depth;
            int max = -128;
            for (int i = x; i < end; i++)
            {
                if (arena[i] > max)
                {
                    max = arena[i];
                }
            }

            // Each term is at most 1, in Q12.19.
            int sum = 0;
            for (int i = x; i < end; i++)
            {
                int difference = arena[i] - max;
                if (difference >= diffMin)
                {
                    int exp = Exp(Requantize.Apply(difference, multiplier, leftShift));
                    sum += (int)(((long)exp + (1 << 11)) >> 12);
                    if (keeps)
                    {
                        scratch32[i - x] = exp;
                    }
                }
            }

            // sum = 2^integerBits * (1 + fraction), fraction in Q0.31.
            int leadingZeros = LeadingZeros(sum);
            int integerBits = 12 - leadingZeros;
            int reciprocal = OneOverOnePlus((int)(((uint)sum << leadingZeros) - (1u << 31)));
            int right = integerBits + 31 - 8;
            long round = 1L << (right - 1);
            for (int i = 0; x < end; x++, y++, i++)
            {
                int difference = arena[x] - max;
                int result = -128;
                if (difference >= diffMin)
                {
                    int exp = keeps ? scratch32[i] : Exp(Requantize.Apply(difference, multiplier, leftShift));
                    long product = (((long)reciprocal * exp) + Requantize.Half) >> 31;
                    result = (int)((product + round) >> right) - 128;
                }

                arena[y] = (sbyte)(result < 127 ? result : 127);
            }
        }
    }

    /// <summary>e^a in Q0.31, for a in Q5.26 that is not positive.</summary>
    private static int Exp(int a)
    {
        if (a == 0)
        {
            return int.MaxValue;
        }

        // a = quarter - remainder: quarter in [-1/4, 0), remainder a multiple of 1/4 of which each bit multiplies by its power of e.
        int quarter = (a & (OneQuarter - 1)) - OneQuarter;
        int remainder = quarter - a;

        // Taylor series around -1/8, in Q0.31.
        long x = ((long)quarter << 5) + (1 << 28);
        long x2 = ((x * x) + Requantize.Half) >> 31;
        long x3 = ((x2 * x) + Requantize.Half) >> 31;
        long x4 = ((x2 * x2) + Requantize.Half) >> 31;
        long tail = ((((Divide(x4, 2) + x3) * 715827883) + Requantize.Half) >> 31) + x2;
        tail = Divide(tail, 1);
        long result = 1895147668 + (((1895147668 * (x + tail)) + Requantize.Half) >> 31);

        if ((remainder & (1 << 24)) != 0)
        {
            result = ((result * 1672461947) + Requantize.Half) >> 31;
        }

        if ((remainder & (1 << 25)) != 0)
        {
            result = ((result * 1302514674) + Requantize.Half) >> 31;
        }

        if ((remainder & (1 << 26)) != 0)
        {
            result = ((result * 790015084) + Requantize.Half) >> 31;
        }

        if ((remainder & (1 << 27)) != 0)
        {
            result = ((result * 290630308) + Requantize.Half) >> 31;
        }

        if ((remainder & (1 << 28)) != 0)
        {
            result = ((result * 39332535) + Requantize.Half) >> 31;
        }

        if ((remainder & (1 << 29)) != 0)
        {
            result = ((result * 720401) + Requantize.Half) >> 31;
        }

        if ((remainder & (1 << 30)) != 0)
        {
            result = ((result * 242) + Requantize.Half) >> 31;
        }

        return (int)result;
    }

    /// <summary>1 / (1 + a) for a in [0, 1), both Q0.31: three Newton-Raphson steps on 1 / d, d = (1 + a) / 2.</summary>
    private static int OneOverOnePlus(int a)
    {
        // Rounded half sum of a and 1 (which is 2^31 - 1).
        long d = ((long)a + int.MaxValue + 1) >> 1;

        // The first estimate is 48/17 - 32/17 d, in Q2.29.
        long x = 1515870810 + (((d * -1010580540) + Requantize.Half) >> 31);
        for (int i = 0; i < 3; i++)
        {
            long error = (1 << 29) - (((d * x) + Requantize.Half) >> 31);

            // The product is Q4.27.
            x += (((x * error) + Requantize.Half) >> 31) << 2;
        }

        // x is 1 / d = 2 / (1 + a) in Q2.29, so 1 / (1 + a) in Q1.30.
        x <<= 1;
        return x < int.MaxValue ? (int)x : int.MaxValue;
    }

    /// <summary>x / 2^exponent, half away from zero.</summary>
    private static long Divide(long x, int exponent) => (x + (1L << (exponent - 1)) + (x >> 63)) >> exponent;

    private static int LeadingZeros(int x)
    {
        int count = 0;
        for (; x > 0; x <<= 1)
        {
            count++;
        }

        return count;
    }
}
