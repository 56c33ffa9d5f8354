namespace TinyInference;

/// <summary>FULLY_CONNECTED: each row of K elements times the weights [O, K].</summary>
internal static class FullyConnected
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Int8(op, 1, 1);
        int[] p = op.Parameters;
        int outputs = op.Biases.Length;
        Check.Require(p.Length == 4, BlobError.Parameter, op);
        Check.Require(outputs > 0, BlobError.Weights, op);
        Check.Counts(op, 4, outputs, Check.Times(op, outputs, p[0]));
        int rows = op.Inputs[0].ElementCount / p[0];
        Check.Require(op.Inputs[0].ElementCount == (long)rows * p[0] && op.Outputs[0].ElementCount == (long)rows * outputs, BlobError.Shape, op);
        Check.Times(op, op.WeightsLength, rows);
        Check.ZeroPoint(op, 1);
        Check.Clamp(op, 2);
        Check.Quantization(op, outputs);
        Check.Scratch(op, header, outputs);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int length = p[0];
        int outputs = op.Biases.Length;
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        for (int end = x + op.Inputs[0].ElementCount; x < end; x += length, y += outputs)
        {
            DotProducts.Store(op, arena, scratch32, x, length, 0, outputs, y, p[1], p[2], p[3]);
        }
    }
}
