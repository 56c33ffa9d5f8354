namespace TinyInference;

/// <summary>FIX_SCALE: an activation of dynamic scale to one whose scale is always the same.</summary>
internal static class FixScale
{
    internal static void Validate(Operator op)
    {
        Check.Int8(op, 2, 1);
        DynamicScale.CheckExponent(op, 1);
        Check.Counts(op, 6, 0, 0);
        Check.Quantization(op, 0);
        Check.Require(op.Inputs[0].ElementCount == op.Outputs[0].ElementCount, BlobError.Shape, op);
        Check.ZeroPoint(op, 0);
        Check.Multiplier(op, op.Parameters[1], op.Parameters[2], 30 - DynamicScale.MostExponent);
        Check.ZeroPoint(op, 3);
        Check.Clamp(op, 4);
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        int shift = p[2] + DynamicScale.Exponent(arena, op.Inputs[1]);
        for (int end = x + op.Inputs[0].ElementCount; x < end; x++, y++)
        {
            int q = DynamicScale.Scale(arena[x] - p[0], p[1], shift) + p[3];
            arena[y] = (sbyte)(q < p[4] ? p[4] : q > p[5] ? p[5] : q);
        }
    }
}
