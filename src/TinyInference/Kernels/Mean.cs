namespace TinyInference;

/// <summary>MEAN over any dimensions: the sum of int8 elements, then one multiplication that also divides by their number.</summary>
internal static class Mean
{
    private const int KeptAt = 6;

    internal static void Validate(Operator op)
    {
        Check.Int8(op, 1, 1);
        int kept = Check.Rank(op, KeptAt, KeptAt + 1, 2);
        int reducedAt = KeptAt + 1 + (2 * kept);
        int reduced = Check.Rank(op, reducedAt, reducedAt + 1, 2);
        Check.Counts(op, reducedAt + 1 + (2 * reduced), 0, 0);
        Check.Quantization(op, 0);
        int[] p = op.Parameters;
        Check.ZeroPoint(op, 0);
        Check.ZeroPoint(op, 1);
        Check.Multiplier(op, p[2], p[3], 30);
        Check.Clamp(op, 4);

        // Both lists together are one walk over x.
        int length = op.Inputs[0].ElementCount;
        int lastKept = 0;
        long count = Check.Strided(op, KeptAt + 1, KeptAt + 1 + kept, kept, 0, length);
        Check.Require(count == op.Outputs[0].ElementCount, BlobError.Shape, op);
        for (int i = 0; i < kept; i++)
        {
            int stride = p[KeptAt + 1 + kept + i];
            Check.Require(stride >= 0, BlobError.Parameter, op);
            lastKept += (p[KeptAt + 1 + i] - 1) * stride;
        }

        Check.Strided(op, reducedAt + 1, reducedAt + 1 + reduced, reduced, 0, length);
        long terms = Check.Strided(op, reducedAt + 1, reducedAt + 1 + reduced, reduced, lastKept, length);
        Check.Times(op, terms, op.Outputs[0].ElementCount);
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int zpY = p[1];
        int min = p[4];
        int max = p[5];
        int kept = p[KeptAt];
        int keptStrides = KeptAt + 1 + kept;
        int reducedAt = keptStrides + kept;
        int outer = p[reducedAt] - 1;
        int dimensions = reducedAt + 1;
        int strides = dimensions + outer + 1;
        int inner = outer < 0 ? 1 : p[dimensions + outer];
        int step = outer < 0 ? 0 : p[strides + outer];
        int rows = 1;
        for (int i = 0; i < outer; i++)
        {
            rows *= p[dimensions + i];
        }

        // 1 / terms goes into the multiplier, which first moves up by the whole bits of terms.
        int terms = rows * inner;
        int zeros = p[0] * terms;
        int up = 0;
        while (terms >> up > 1 && up < 31 + p[3])
        {
            up++;
        }

        int multiplier = (int)(((long)p[2] << up) / terms);
        int shift = p[3] - up;

        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        int count = op.Outputs[0].ElementCount;
        for (int i = 0; i < count; i++)
        {
            int start = x + Strided.Offset(p, KeptAt + 1, keptStrides, kept, i);
            int sum = -zeros;
            for (int row = 0; row < rows; row++)
            {
                int a = start + Strided.Offset(p, dimensions, strides, outer, row);
                for (int j = 0; j < inner; j++, a += step)
                {
                    sum += arena[a];
                }
            }

            int result = Requantize.Apply(sum, multiplier, shift) + zpY;
            arena[y + i] = (sbyte)(result < min ? min : result > max ? max : result);
        }
    }
}
