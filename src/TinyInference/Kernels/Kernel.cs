namespace TinyInference;

/// <summary>Finds the kernel of an operator, once for each operator and run.</summary>
internal static class Kernel
{
    /// <summary>Checks an operator's tensors, parameters and weights, so that its kernel needs no checks.</summary>
    /// <exception cref="BlobException">The kernel could not run it safely.</exception>
    internal static void Validate(Operator op, BlobHeader header)
    {
        if (op.Encoding != 0)
        {
            throw new BlobException(BlobError.UnknownOperator, op.Index);
        }

        switch (op.Kind)
        {
            case OperatorKind.Lookup:
                Lookup.Validate(op);
                break;
            default:
                throw new BlobException(BlobError.UnknownOperator, op.Index);
        }
    }

    /// <summary>Runs an operator that <see cref="Validate"/> has accepted.</summary>
    /// <param name="op">The operator, its weights at hand.</param>
    /// <param name="arena">All activations.</param>
    /// <param name="scratch32">As many as the header states.</param>
    /// <param name="scratch64">As many as the header states.</param>
    internal static void Run(Operator op, sbyte[] arena, int[] scratch32, long[] scratch64)
    {
        switch (op.Kind)
        {
            case OperatorKind.Lookup:
                Lookup.Run(op, arena);
                break;
        }
    }
}
