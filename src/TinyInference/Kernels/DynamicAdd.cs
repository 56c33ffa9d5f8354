namespace TinyInference;

/// <summary>DYNAMIC_ADD: the sum of two activations of dynamic scale and one shape.</summary>
internal static class DynamicAdd
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Int8(op, 5, 1);
        DynamicScale.CheckExponent(op, 1);
        DynamicScale.CheckExponent(op, 3);
        DynamicScale.CheckExponent(op, 4);
        int[] p = op.Parameters;
        int count = op.Outputs[0].ElementCount;
        Check.Counts(op, 9, 0, 0);
        Check.Quantization(op, 0);
        Check.Require(op.Inputs[0].ElementCount == count && op.Inputs[2].ElementCount == count, BlobError.Shape, op);
        Check.ZeroPoint(op, 0);
        Check.Multiplier(op, p[1], p[2], 30 - DynamicScale.MostExponent);
        Check.ZeroPoint(op, 3);
        Check.Multiplier(op, p[4], p[5], 30 - DynamicScale.MostExponent);
        Check.ZeroPoint(op, 6);
        DynamicScale.CheckBounds(op, 7);
        Check.Require(header.Scratch32 >= count, BlobError.Parameter, op);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int a = op.Inputs[0].ArenaOffset;
        int b = op.Inputs[2].ArenaOffset;
        int shiftA = p[2] + DynamicScale.Exponent(arena, op.Inputs[1]);
        int shiftB = p[5] + DynamicScale.Exponent(arena, op.Inputs[3]);
        int count = op.Outputs[0].ElementCount;
        for (int i = 0; i < count; i++)
        {
            scratch32[i] = DynamicScale.Scale(arena[a + i] - p[0], p[1], shiftA) + DynamicScale.Scale(arena[b + i] - p[3], p[4], shiftB);
        }

        DynamicScale.Store(scratch32, count, p[7], p[8], arena, op.Outputs[0], op.Inputs[4], p[6]);
    }
}
