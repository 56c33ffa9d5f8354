namespace TinyInference;

/// <summary>
/// LAYER_NORM: each row less its mean, divided by its deviation, then factor and offset of each column. The deviation's reciprocal is found once for each
/// row, without a division; what is done for each element has 32 bits. May work in place.
/// </summary>
internal static class LayerNorm
{
    /// <summary>Sums of squares stay below 2^31, and depth times them far below 2^63.</summary>
    private const int MostDepth = 65535;

    /// <summary>Bits that normalised elements are rounded by: then they have 16.</summary>
    private const int Drop = 15;

    private const int OneAndHalf = 3 << 29;

    internal static void Validate(Operator op)
    {
        Check.Int8(op, 1, 1);
        int[] p = op.Parameters;
        Check.Require(p.Length == 7, BlobError.Parameter, op);
        Check.Range(op, 1, 1, MostDepth);
        Check.Counts(op, 7, 2 * p[1], 0);
        Check.Quantization(op, 0);
        long count = Check.Times(op, Check.Times(op, 1, p[0]), p[1]);
        Check.Require(count == op.Inputs[0].ElementCount && count == op.Outputs[0].ElementCount, BlobError.Shape, op);
        Check.Range(op, 2, 0, int.MaxValue);
        Check.Range(op, 3, 0, 31);
        Check.Range(op, 4, 0, 30);
        Check.Clamp(op, 5);
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int depth = p[1];
        long epsilon = (long)p[2] << p[3];
        int shift = p[4];
        int min = p[5];
        int max = p[6];
        int[] columns = op.Biases;
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;

        // No element is further than sqrt(depth) deviations from its row's mean.
        int integerBits = 4;
        while (1 << (2 * integerBits) < depth)
        {
            integerBits++;
        }

        for (int row = 0; row < p[0]; row++)
        {
            int end = x + depth;
            int sum = 0;
            int squares = 0;
            int at = x;
            int last = end - 4;
            for (; at <= last; at += 4)
            {
                int a = arena[at];
                int b = arena[at + 1];
                int c = arena[at + 2];
                int d = arena[at + 3];
                sum += a + b + c + d;
                squares += (a * a) + (b * b) + (c * c) + (d * d);
            }

            for (; at < end; at++)
            {
                int v = arena[at];
                sum += v;
                squares += v * v;
            }

            // 64 times the variance, times the square of depth.
            long m = ((((long)depth * squares) - ((long)sum * sum)) << 6) + epsilon;
            int right = 11 + integerBits;
            m = m == 0 ? 1 : m;
            for (; m >= 1 << 30; m >>= 2)
            {
                right++;
            }

            for (; m < 1 << 28; m <<= 2)
            {
                right--;
            }

            // 2^44 / sqrt(m): the nearest parabola, then two Newton-Raphson steps.
            long r = 1433893831 - ((m * (1763812404 - ((m * 879699425) >> 30))) >> 30);
            r = (r * (OneAndHalf - ((((r * r) >> 29) * m) >> 30))) >> 30;
            r = (r * (OneAndHalf - ((((r * r) >> 29) * m) >> 30))) >> 30;

            // x * scale - mean is within 2^30; on the way there products may wrap.
            long half = 1L << (right - 1);
            int scale = (int)(((r * depth) + half) >> right);
            int mean = (int)(((r * sum) + half) >> right) - (1 << (Drop - 1));
            for (int i = 0; i < depth; i++)
            {
                int result = (((((arena[x + i] * scale) - mean) >> Drop) * columns[i]) + columns[depth + i]) >> shift;
                if (result < min)
                {
                    result = min;
                }
                else if (result > max)
                {
                    result = max;
                }

                arena[y + i] = (sbyte)result;
            }

            x = end;
            y += depth;
        }
    }
}
