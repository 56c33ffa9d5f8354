namespace TinyInference;

/// <summary>The checks that several kernels share. Each throws a <see cref="BlobException"/> that names the operator.</summary>
internal static class Check
{
    internal static void Require(bool condition, BlobError error, Operator op)
    {
        if (!condition)
        {
            throw new BlobException(error, op.Index);
        }
    }

    /// <summary>So many tensors, all int8.</summary>
    internal static void Int8(Operator op, int inputs, int outputs)
    {
        Require(op.Inputs.Length == inputs && op.Outputs.Length == outputs, BlobError.Shape, op);
        for (int i = 0; i < inputs; i++)
        {
            Require(op.Inputs[i].Type == TensorType.Int8, BlobError.Shape, op);
        }

        for (int i = 0; i < outputs; i++)
        {
            Require(op.Outputs[i].Type == TensorType.Int8, BlobError.Shape, op);
        }
    }

    /// <summary>So many parameters, biases, bytes of weights, and pairs of multiplier and shift.</summary>
    internal static void Counts(Operator op, int parameters, int biases, long weights, int quantization)
    {
        Require(op.Parameters.Length == parameters, BlobError.Parameter, op);
        Require(op.Biases.Length == biases && op.WeightsLength == weights && op.Multipliers.Length == quantization, BlobError.Weights, op);
    }
}
