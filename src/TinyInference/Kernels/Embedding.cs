namespace TinyInference;

/// <summary>EMBEDDING: for each index (int32) the row of the weights that it names. An index outside takes the nearest row inside.</summary>
internal static class Embedding
{
    internal static void Validate(Operator op)
    {
        Check.Require(op.Inputs.Length == 1 && op.Outputs.Length == 1, BlobError.Shape, op);
        Check.Require(op.Inputs[0].Type == TensorType.Int32 && op.Outputs[0].Type == TensorType.Int8, BlobError.Shape, op);
        int[] p = op.Parameters;
        Check.Require(p.Length == 2, BlobError.Parameter, op);
        Check.Counts(op, 2, 0, Check.Times(op, Check.Times(op, 1, p[0]), p[1]));
        Check.Quantization(op, 0);
        Check.Require(Check.Times(op, op.Inputs[0].ElementCount, p[1]) == op.Outputs[0].ElementCount, BlobError.Shape, op);
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int rows = op.Parameters[0];
        int width = op.Parameters[1];
        byte[] weights = op.Weights;
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        for (int end = x + op.Inputs[0].ByteCount; x < end; x += 4)
        {
            int index = (byte)arena[x] | ((byte)arena[x + 1] << 8) | ((byte)arena[x + 2] << 16) | (arena[x + 3] << 24);
            index = index < 0 ? 0 : index < rows ? index : rows - 1;
            int w = op.WeightsStart + (index * width);
            for (int last = w + width; w < last; w++, y++)
            {
                arena[y] = (sbyte)weights[w];
            }
        }
    }
}
