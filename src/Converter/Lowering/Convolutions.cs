using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV_2D.</summary>
internal static class Convolutions
{
    /// <summary>Output channels that a kernel accumulates at a time.</summary>
    private const int ChannelsAtATime = 64;

    public static void LowerConv2D(LoweringContext context, Node node)
    {
        var op = (Conv2D)node.Operator;
        Window window = op.Window;
        BlobTensor x = context.Tensor(node.Input(0));
        (sbyte[] weights, QuantizationParameters scales) = Weights.Get(node.Input(1));
        BlobTensor y = context.Define(node.Output);
        int channels = y.Shape[3];
        int perChannel = weights.Length / channels;
        int[] biases = Weights.FoldZeroPoint(node.OptionalInput(2), channels, x.ZeroPoint, weights, i => i / perChannel);
        (int[] multipliers, sbyte[] shifts) = Weights.Multipliers(x.Scale, scales, y.Scale, channels);
        context.Add(new BlobOperator(OperatorKind.Conv2D, node.Name, [x], y)
        {
            Parameters = [.. WindowParameters(window, x, y, op.Clamp), op.Groups, -1],
            Weights = weights,
            Biases = biases,
            Multipliers = multipliers,
            Shifts = shifts,
            Scratch32 = Math.Min(ChannelsAtATime, channels),
            PatchBytes = op.Groups == 1 && IsContiguous(window, x.Shape, y.Shape) ? 0 : perChannel,
        });
    }

    public static void LowerDepthwiseConv2D(LoweringContext context, Node node)
    {
        var op = (DepthwiseConv2D)node.Operator;
        BlobTensor x = context.Tensor(node.Input(0));
        (sbyte[] weights, QuantizationParameters scales) = Weights.Get(node.Input(1));
        BlobTensor y = context.Define(node.Output);
        int channels = y.Shape[3];
        int[] biases = Weights.FoldZeroPoint(node.OptionalInput(2), channels, x.ZeroPoint, weights, i => i % channels);
        (int[] multipliers, sbyte[] shifts) = Weights.Multipliers(x.Scale, scales, y.Scale, channels);
        context.Add(new BlobOperator(OperatorKind.DepthwiseConv2D, node.Name, [x], y)
        {
            Parameters = [.. WindowParameters(op.Window, x, y, op.Clamp), channels / x.Shape[3]],
            Weights = weights,
            Biases = biases,
            Multipliers = multipliers,
            Shifts = shifts,
            Scratch32 = Math.Min(ChannelsAtATime, channels),
        });
    }

    public static void LowerTransposeConv2D(LoweringContext context, Node node)
    {
        var op = (TransposeConv2D)node.Operator;
        BlobTensor x = context.Tensor(node.Input(0));
        (sbyte[] weights, QuantizationParameters scales) = Weights.Get(node.Input(1));
        BlobTensor y = context.Define(node.Output);
        int channels = y.Shape[3];

        // An output element may see only a part of the kernel: the zero point is subtracted by the kernel.
        int[] biases = Weights.FoldZeroPoint(node.OptionalInput(2), channels, 0, weights, _ => 0);
        (int[] multipliers, sbyte[] shifts) = Weights.Multipliers(x.Scale, scales, y.Scale, channels);
        context.Add(new BlobOperator(OperatorKind.TransposeConv2D, node.Name, [x], y)
        {
            Parameters = [.. WindowParameters(op.Window, x, y, op.Clamp), op.Groups],
            Weights = weights,
            Biases = biases,
            Multipliers = multipliers,
            Shifts = shifts,
            Scratch32 = Math.Min(ChannelsAtATime, channels),
        });
    }

    /// <summary>Whether each window is one run of bytes of x, so that it need not be gathered (docs/SPEC.md, patchOffset).</summary>
    private static bool IsContiguous(Window w, Shape x, Shape y)
    {
        bool isInside = !w.HasPadding
            && ((long)(y[1] - 1) * w.StrideH) + ((long)(w.KernelH - 1) * w.DilationH) < x[1]
            && ((long)(y[2] - 1) * w.StrideW) + ((long)(w.KernelW - 1) * w.DilationW) < x[2];
        bool isOneRow = w.KernelH == 1 && (w.KernelW == 1 || w.DilationW == 1);
        bool isWholeRows = (w.KernelW == 1 || w.DilationW == 1) && w.DilationH == 1 && w.KernelW == x[2];
        return isInside && (isOneRow || isWholeRows);
    }

    /// <summary>The first 12 parameters, which all convolutions share.</summary>
    private static int[] WindowParameters(Window w, BlobTensor x, BlobTensor y, Clamp clamp)
    {
        (int min, int max) = FixedPoint.Range(clamp, y.Quantization!);
        return [w.KernelH, w.KernelW, w.StrideH, w.StrideW, w.DilationH, w.DilationW, w.PadTop, w.PadLeft, x.ZeroPoint, y.ZeroPoint, min, max];
    }
}
