namespace TinyInference;

/// <summary>What AVERAGE_POOL_2D and MAX_POOL_2D share.</summary>
internal static class Pool2D
{
    internal static void Validate(Operator op)
    {
        Check.Images(op);
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        Check.Counts(op, 8, 0, 0);
        Check.Quantization(op, 0);
        Check.Require(x[3] == y[3], BlobError.Shape, op);
        Axis(op, x[1], y[1], p[0], p[2], p[4]);
        Axis(op, x[2], y[2], p[1], p[3], p[5]);
        Check.Clamp(op, 6);

        // A kernel may be larger than the input: only what is inside is read.
        int reachedH = p[0] < x[1] ? p[0] : x[1];
        int reachedW = p[1] < x[2] ? p[1] : x[2];
        Check.Times(op, Check.Times(op, op.Outputs[0].ElementCount, reachedH), reachedW);
    }

    /// <summary>No window may be wholly outside: its mean would divide by 0.</summary>
    private static void Axis(Operator op, int extent, int outputExtent, int kernel, int stride, int pad)
    {
        Check.Window(op, outputExtent, kernel, stride, 1, pad);
        Check.Require(pad < kernel && ((outputExtent - 1) * stride) - pad < extent, BlobError.Parameter, op);
    }
}
