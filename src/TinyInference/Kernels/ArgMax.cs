namespace TinyInference;

/// <summary>ARG_MAX and, by the sign, arg min along one dimension; the result is int32.</summary>
internal static class ArgMax
{
    internal static void Validate(Operator op)
    {
        Check.Require(op.Inputs.Length == 1 && op.Outputs.Length == 1, BlobError.Shape, op);
        Tensor x = op.Inputs[0];
        Tensor y = op.Outputs[0];
        Check.Require(x.Type == TensorType.Int8 && y.Type == TensorType.Int32, BlobError.Shape, op);
        int[] p = op.Parameters;
        Check.Counts(op, 5, 0, 0);
        Check.Quantization(op, 0);
        long count = Check.Times(op, Check.Times(op, 1, p[0]), p[2]);
        Check.Require(count == y.ElementCount && Check.Times(op, count, p[1]) == x.ElementCount, BlobError.Shape, op);
        Check.Require(p[3] == 1 || p[3] == -1, BlobError.Parameter, op);
        Check.Range(op, 4, 0, 1);
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int axis = p[1];
        int inner = p[2];
        int sign = p[3];
        int last = p[4];
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        for (int outer = 0; outer < p[0]; outer++, x += (axis - 1) * inner)
        {
            for (int end = x + inner; x < end; x++, y += 4)
            {
                int best = -129;
                int index = 0;
                int at = x;
                for (int i = 0; i < axis; i++, at += inner)
                {
                    // Of equals the first or, when last is 1, the last.
                    int value = arena[at] * sign;
                    if (value + last > best)
                    {
                        best = value;
                        index = i;
                    }
                }

                arena[y] = (sbyte)index;
                arena[y + 1] = (sbyte)(index >> 8);
                arena[y + 2] = (sbyte)(index >> 16);
                arena[y + 3] = (sbyte)(index >> 24);
            }
        }
    }
}
