namespace TinyInference;

/// <summary>The part that ADD, SUB and MUL share: two operands, the second perhaps constant, read by strides.</summary>
internal static class Broadcast
{
    /// <summary>Checks tensors, biases and the list of dimensions and strides at parameter <paramref name="index"/>, the last one.</summary>
    internal static void Validate(Operator op, int index)
    {
        bool constant = op.Inputs.Length == 1;
        Check.Int8(op, constant ? 1 : 2, 1);
        int rank = Check.Rank(op, index, index + 1, 3);
        Check.Counts(op, index + 1 + (3 * rank), constant ? op.Biases.Length : 0, 0);
        Check.Quantization(op, 0);
        int dimensions = index + 1;
        long count = Check.Strided(op, dimensions, dimensions + rank, rank, 0, op.Inputs[0].ElementCount);
        Check.Strided(op, dimensions, dimensions + (2 * rank), rank, 0, constant ? op.Biases.Length : op.Inputs[1].ElementCount);
        Check.Require(count == op.Outputs[0].ElementCount, BlobError.Shape, op);
    }
}
