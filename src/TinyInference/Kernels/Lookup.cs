namespace TinyInference;

/// <summary>LOOKUP: y = table[x + 128], whatever the function that the converter put into the table. May work in place.</summary>
internal static class Lookup
{
    internal static void Validate(Operator op)
    {
        Check.Int8(op, 1, 1);
        Check.Counts(op, 0, 0, 256);
        Check.Quantization(op, 0);
        Check.Require(op.Inputs[0].ElementCount == op.Outputs[0].ElementCount, BlobError.Shape, op);
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        byte[] table = op.Weights;
        int zero = op.WeightsStart + 128;
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        for (int end = x + op.Inputs[0].ElementCount; x < end; x++, y++)
        {
            arena[y] = (sbyte)table[zero + arena[x]];
        }
    }
}
