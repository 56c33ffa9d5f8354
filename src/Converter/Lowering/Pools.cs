using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>AVERAGE_POOL_2D, MAX_POOL_2D.</summary>
internal static class Pools
{
    public static void LowerPool2D(LoweringContext context, Node node)
    {
        var op = (Pool2D)node.Operator;
        Window window = op.Window;
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        if (op.Function == PoolFunction.Average && op.CountPadding && window.HasPadding)
        {
            x = PadByZero(context, node, x, window);
            window = window with { PadTop = 0, PadBottom = 0, PadLeft = 0, PadRight = 0 };
        }

        if (window.DilationH != 1 || window.DilationW != 1)
        {
            throw new UnsupportedException("a pool with dilation");
        }

        BlobTensor target = context.SameScaleTarget(y, x.Quantization!);
        OperatorKind kind = op.Function == PoolFunction.Average ? OperatorKind.AveragePool2D : OperatorKind.MaxPool2D;
        context.Add(Make(kind, node, x, target, window, target == y ? op.Clamp : Clamp.None));
        context.Finish(node, target, y, op.Clamp);
    }

    /// <summary>A pool between tensors of the same parameters.</summary>
    public static BlobOperator Make(OperatorKind kind, Node node, BlobTensor x, BlobTensor y, Window window, Clamp clamp)
    {
        (int min, int max) = FixedPoint.Range(clamp, y.Quantization!);
        return new BlobOperator(kind, node.Name, [x], y)
        {
            Parameters = [window.KernelH, window.KernelW, window.StrideH, window.StrideW, window.PadTop, window.PadLeft, min, max],
        };
    }

    private static BlobTensor PadByZero(LoweringContext context, Node node, BlobTensor x, Window w)
    {
        Shape padded = x.Shape.With(1, x.Shape[1] + w.PadTop + w.PadBottom).With(2, x.Shape[2] + w.PadLeft + w.PadRight);
        BlobTensor result = context.Intermediate(x.Name + "/padded", padded, x.Quantization!);
        context.Add(new BlobOperator(OperatorKind.Pad, node.Name, [x], result) { Parameters = [x.ZeroPoint, 0, w.PadTop, w.PadLeft, 0] });
        return result;
    }
}
