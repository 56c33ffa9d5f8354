namespace TinyInference;

/// <summary>STRIDED_COPY: the elements of x in any regular order; transpose, slice and reverse.</summary>
internal static class StridedCopy
{
    internal static void Validate(Operator op)
    {
        Check.Int8(op, 1, 1);
        int rank = Check.Rank(op, 1, 2, 2);
        Check.Counts(op, 2 + (2 * rank), 0, 0);
        Check.Quantization(op, 0);
        int length = op.Inputs[0].ElementCount;
        Check.Range(op, 0, 0, length - 1);
        long count = Check.Strided(op, 2, 2 + rank, rank, op.Parameters[0], length);
        Check.Require(count == op.Outputs[0].ElementCount, BlobError.Shape, op);
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int outer = p[1] - 1;
        int strides = 3 + outer;
        int inner = outer < 0 ? 1 : p[2 + outer];
        int step = outer < 0 ? 1 : p[strides + outer];
        int x = op.Inputs[0].ArenaOffset + p[0];
        int y = op.Outputs[0].ArenaOffset;
        int rows = op.Outputs[0].ElementCount / inner;
        for (int row = 0; row < rows; row++)
        {
            int from = x + Strided.Offset(p, 2, strides, outer, row);
            if (step == 1)
            {
                ArenaBytes.Copy(arena, from, y, inner);
                y += inner;
            }
            else
            {
                for (int end = y + inner; y < end; y++, from += step)
                {
                    arena[y] = arena[from];
                }
            }
        }
    }
}
