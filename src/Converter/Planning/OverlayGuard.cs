using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Planning;

/// <summary>
/// How far before an input an operator's output must begin so that it may overwrite what the operator has read already (Blacker, Bradbury and Krishnan, Diagonal Memory
/// Optimisation for Machine Learning on Micro-controllers, 2020). It follows from the order in which kernels read and write, managed and native, which docs/SPEC.md states
/// under "Order of reading and writing"; a kernel that changes its order changes it here and there.
/// </summary>
internal static class OverlayGuard
{
    /// <summary>Native kernels of CONV_2D take two positions at a time.</summary>
    private const int LeastConvolutionLag = 2;

    /// <summary>
    /// The least distance in bytes, 0 or more, from the output's first byte to that of input <paramref name="index"/>; null where the two may not overlap.
    /// </summary>
    public static int? Of(BlobOperator op, int index)
    {
        if (!op.HasStatedOrder)
        {
            return null;
        }

        return op.Kind switch
        {
            OperatorKind.Lookup or OperatorKind.LayerNorm => 0,
            OperatorKind.Add or OperatorKind.Sub or OperatorKind.Mul when IsElementwise(op, index) => 0,
            OperatorKind.Conv2D when op.Parameters[12] == 1 => OfWindows(op, 6, Math.Max(LeastConvolutionLag, op.Encoding == WeightEncoding.Dense ? 1 : op.Parameters[14])),
            OperatorKind.DepthwiseConv2D when op.Encoding == WeightEncoding.Dense => OfWindows(op, 6, 1),

            // Along the longer side: only where that is the width, output rows come one after the other.
            OperatorKind.DepthwiseConv2D when op.Output.Shape[1] <= op.Output.Shape[2] => OfWindows(op, 6, op.Output.Shape[2]),
            OperatorKind.AveragePool2D or OperatorKind.MaxPool2D => OfWindows(op, 4, 1),
            _ => null,
        };
    }

    /// <summary>Whether the operand's elements come in the order of the output's.</summary>
    private static bool IsElementwise(BlobOperator op, int index) => op.Inputs[index].Shape.ElementCount == op.Output.Shape.ElementCount;

    /// <summary>
    /// Position p, counted row by row, is written when all up to p - lag have been read: what later ones read, from the lowest address on, must lie behind what p writes.
    /// </summary>
    /// <param name="paddingAt">Index of padTop among the parameters, which padLeft follows; the strides are parameters 2 and 3.</param>
    private static int? OfWindows(BlobOperator op, int paddingAt, int lag)
    {
        Graphs.Shape x = op.Inputs[0].Shape;
        Graphs.Shape y = op.Output.Shape;
        if (x[0] != 1)
        {
            return null;
        }

        int strideH = op.Parameters[2];
        int strideW = op.Parameters[3];
        int padTop = op.Parameters[paddingAt];
        int padLeft = op.Parameters[paddingAt + 1];
        int width = y[2];
        long guard = 0;
        for (int p = 0; p < y[1] * width; p++)
        {
            int from = Math.Max(0, p - lag + 1);
            int row = from / width;
            long needed = Address(row, from - (row * width));
            if (row + 1 < y[1])
            {
                needed = Math.Min(needed, Address(row + 1, 0));
            }

            guard = Math.Max(guard, ((p + 1L) * y[3]) - (needed * x[3]));
        }

        return guard > int.MaxValue ? null : (int)guard;

        // The first position of x that the window may read; a window in padding reads nothing before it.
        long Address(int row, int column) => (Math.Clamp(((long)row * strideH) - padTop, 0, x[1]) * x[2]) + Math.Clamp(((long)column * strideW) - padLeft, 0, x[2]);
    }
}
