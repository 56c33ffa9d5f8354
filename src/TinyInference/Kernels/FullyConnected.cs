namespace TinyInference;

/// <summary>FULLY_CONNECTED: each row of K elements times the weights [O, K], to int8 or int16.</summary>
internal static class FullyConnected
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        CheckTensors(op);
        int[] p = op.Parameters;
        int outputs = op.Biases.Length;
        Check.Require(p.Length == 4, BlobError.Parameter, op);
        Check.Require(outputs > 0, BlobError.Weights, op);
        Check.Counts(op, 4, outputs, Check.Times(op, outputs, p[0]));
        int rows = op.Inputs[0].ElementCount / p[0];
        Check.Require(op.Inputs[0].ElementCount == (long)rows * p[0] && op.Outputs[0].ElementCount == (long)rows * outputs, BlobError.Shape, op);
        Check.Times(op, op.WeightsLength, rows);
        Check.Quantization(op, outputs);
        Check.Scratch(op, header, outputs);
    }

    /// <summary>Types of the tensors, and zero point, min and max, which the output's type bounds.</summary>
    internal static void CheckTensors(Operator op)
    {
        Check.Require(op.Inputs.Length == 1 && op.Outputs.Length == 1 && op.Inputs[0].Type == TensorType.Int8, BlobError.Shape, op);
        Check.Require(op.Parameters.Length > 3, BlobError.Parameter, op);
        if (op.Outputs[0].Type == TensorType.Int16)
        {
            Check.Range(op, 1, 0, 0);
            Check.Range(op, 2, short.MinValue, short.MaxValue);
            Check.Range(op, 3, op.Parameters[2], short.MaxValue);
            return;
        }

        Check.Int8(op, 1, 1);
        Check.ZeroPoint(op, 1);
        Check.Clamp(op, 2);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int length = p[0];
        int outputs = op.Biases.Length;
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        if (op.Outputs[0].Type == TensorType.Int16)
        {
            RunWide(op, arena, scratch32, x, y);
            return;
        }

        for (int end = x + op.Inputs[0].ElementCount; x < end; x += length, y += outputs)
        {
            DotProducts.Store(op, arena, scratch32, x, length, 0, outputs, y, p[1], p[2], p[3]);
        }
    }

    private static void RunWide(Operator op, sbyte[] arena, int[] sums, int x, int y)
    {
        int[] p = op.Parameters;
        int length = p[0];
        int outputs = op.Biases.Length;
        for (int end = x + op.Inputs[0].ElementCount; x < end; x += length)
        {
            for (int first = 0; first < outputs; first += Requantize.Chunk)
            {
                int part = outputs - first < Requantize.Chunk ? outputs - first : Requantize.Chunk;
                DotProducts.Sum(op.Weights, op.WeightsStart + (first * length), op.Biases, first, part, arena, x, length, sums, 0);
                Requantize.StoreWide(sums, 0, part, op, first, arena, y, p[2], p[3]);
                y += 2 * part;
            }
        }
    }
}
