namespace TinyInference;

/// <summary>DYNAMIC_FULLY_CONNECTED: as FULLY_CONNECTED, between activations of dynamic scale.</summary>
internal static class DynamicFullyConnected
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Int8(op, 3, 1);
        DynamicScale.CheckExponent(op, 1);
        DynamicScale.CheckExponent(op, 2);
        int[] p = op.Parameters;
        Check.Require(p.Length == 4 && op.Biases.Length > 1, BlobError.Parameter, op);
        int outputs = op.Biases.Length / 2;
        Check.Counts(op, 4, 2 * outputs, Check.Times(op, outputs, p[0]));
        int rows = op.Inputs[0].ElementCount / p[0];
        int count = op.Outputs[0].ElementCount;
        Check.Require(op.Inputs[0].ElementCount == (long)rows * p[0] && count == (long)rows * outputs, BlobError.Shape, op);
        Check.Times(op, op.WeightsLength, rows);
        Check.ZeroPoint(op, 1);
        DynamicScale.CheckBounds(op, 2);
        DynamicDotProducts.Validate(op, header, outputs, count);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int length = p[0];
        int outputs = op.Biases.Length / 2;
        int x = op.Inputs[0].ArenaOffset;
        int exponent = DynamicScale.Exponent(arena, op.Inputs[1]);
        int count = op.Outputs[0].ElementCount;
        for (int y = 0; y < count; y += outputs, x += length)
        {
            DynamicDotProducts.Collect(op, arena, scratch32, x, length, 0, outputs, y, exponent);
        }

        DynamicScale.Store(scratch32, count, p[2], p[3], arena, op.Outputs[0], op.Inputs[2], p[1]);
    }
}
