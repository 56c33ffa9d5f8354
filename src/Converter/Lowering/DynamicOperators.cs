using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>DYNAMIC_FULLY_CONNECTED, DYNAMIC_CONV_2D, DYNAMIC_ADD, DYNAMIC_AVERAGE_POOL_2D, FIX_SCALE.</summary>
internal static class DynamicOperators
{
    /// <summary>Bounds of results that have none: beyond what the runtime lets them become.</summary>
    private const int NoBound = 1 << 30;

    /// <summary>Multipliers may be shifted to the left by so many bits, less the exponent.</summary>
    private const int MostShift = 15;

    /// <param name="lower">How the operator is lowered without dynamic scales; for those that only select and move.</param>
    public static void Lower(LoweringContext context, Node node, Action<LoweringContext, Node> lower)
    {
        switch (node.Operator)
        {
            case FullyConnected op:
                LowerFullyConnected(context, node, op);
                break;
            case Conv2D op:
                LowerConvolution(context, node, op.Window, op.Groups, op.Clamp, Weights.Get(node.Input(1)));
                break;
            case DepthwiseConv2D op:
                LowerConvolution(context, node, op.Window, node.Input(0).Shape[3], op.Clamp, Transposed(node.Input(1)));
                break;
            case Binary { Function: BinaryFunction.Add } op:
                LowerAdd(context, node, op.Clamp);
                break;
            case Pool2D { Function: PoolFunction.Average } op:
                LowerAverage(context, node, op.Window, op.Clamp);
                break;
            case Reduce { Function: ReduceFunction.Mean }:
                LowerAverage(context, node, new Window(node.Input(0).Shape[1], node.Input(0).Shape[2]), Clamp.None);
                break;
            case Quantize:
                LowerFixScale(context, node);
                break;
            default:
                lower(context, node);
                context.ShareExponent(node.Output, node.Input(0));
                break;
        }
    }

    private static void LowerFullyConnected(LoweringContext context, Node node, FullyConnected op)
    {
        (sbyte[] weights, QuantizationParameters scales) = Weights.Get(node.Input(1));
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        int channels = node.Input(1).Shape[0];
        int depth = weights.Length / channels;
        (int[] multipliers, sbyte[] shifts) = Multipliers(x, scales, y, channels);
        context.Add(new BlobOperator(OperatorKind.DynamicFullyConnected, node.Name, [x, context.ExponentOf(node.Input(0)), context.DefineExponent(node.Output)], y)
        {
            Parameters = [depth, y.ZeroPoint, .. Bounds(op.Clamp, y)],
            Weights = weights,
            Biases = Biases(node, channels, x, weights, i => i / depth),
            Multipliers = multipliers,
            Shifts = shifts,
            Scratch32 = y.Shape.ElementCount,
        });
    }

    private static void LowerConvolution(LoweringContext context, Node node, Window w, int groups, Clamp clamp, (sbyte[] Data, QuantizationParameters Scales) weights)
    {
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        int channels = y.Shape[3];
        int window = weights.Data.Length / channels;
        (int[] multipliers, sbyte[] shifts) = Multipliers(x, weights.Scales, y, channels);
        context.Add(new BlobOperator(OperatorKind.DynamicConv2D, node.Name, [x, context.ExponentOf(node.Input(0)), context.DefineExponent(node.Output)], y)
        {
            Parameters =
            [
                w.KernelH, w.KernelW, w.StrideH, w.StrideW, w.DilationH, w.DilationW, w.PadTop, w.PadLeft, x.ZeroPoint, y.ZeroPoint, .. Bounds(clamp, y), groups, 0,
            ],
            Weights = weights.Data,
            Biases = Biases(node, channels, x, weights.Data, i => i / window),
            Multipliers = multipliers,
            Shifts = shifts,
            Scratch32 = y.Shape.ElementCount,
            PatchBytes = window,
        });
    }

    /// <summary>Depthwise weights [1,KH,KW,O] as those of a convolution with one input channel in each group, [O,KH,KW,1].</summary>
    private static (sbyte[] Data, QuantizationParameters Scales) Transposed(Value value)
    {
        (sbyte[] data, QuantizationParameters scales) = Weights.Get(value);
        int channels = value.Shape[3];
        int places = data.Length / channels;
        return ([.. Enumerable.Range(0, data.Length).Select(i => data[(i % places * channels) + (i / places)])], scales);
    }

    private static void LowerAdd(LoweringContext context, Node node, Clamp clamp)
    {
        BlobTensor a = context.Tensor(node.Input(0));
        BlobTensor b = context.Tensor(node.Input(1));
        BlobTensor y = context.Define(node.Output);
        context.Add(new BlobOperator(
            OperatorKind.DynamicAdd, node.Name, [a, context.ExponentOf(node.Input(0)), b, context.ExponentOf(node.Input(1)), context.DefineExponent(node.Output)], y)
        {
            Parameters = [a.ZeroPoint, .. Factor(a, y, 1), b.ZeroPoint, .. Factor(b, y, 1), y.ZeroPoint, .. Bounds(clamp, y)],
            Scratch32 = y.Shape.ElementCount,
        });
    }

    private static void LowerAverage(LoweringContext context, Node node, Window window, Clamp clamp)
    {
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        Shape image = x.Shape;
        BlobTensor pooled = context.View(y, y.Name + "/image", new Shape(image[0], window.OutputHeight(image[1]), window.OutputWidth(image[2]), image[3]));
        context.Add(new BlobOperator(OperatorKind.DynamicAveragePool2D, node.Name, [x, context.ExponentOf(node.Input(0)), context.DefineExponent(node.Output)], pooled)
        {
            Parameters =
            [
                window.KernelH, window.KernelW, window.StrideH, window.StrideW, x.ZeroPoint, y.ZeroPoint,
                .. Factor(x, y, 1.0 / (window.KernelH * window.KernelW)), .. Bounds(clamp, y),
            ],
            Scratch32 = y.Shape.ElementCount,
        });
    }

    private static void LowerFixScale(LoweringContext context, Node node)
    {
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        context.Add(new BlobOperator(OperatorKind.FixScale, node.Name, [x, context.ExponentOf(node.Input(0))], y)
        {
            Parameters = [x.ZeroPoint, .. Factor(x, y, 1), y.ZeroPoint, sbyte.MinValue, sbyte.MaxValue],
        });
    }

    /// <summary>What the zero point of x adds to each channel, then each channel's bias.</summary>
    private static int[] Biases(Node node, int channels, BlobTensor x, sbyte[] weights, Func<int, int> channelOf) =>
        [.. Weights.FoldZeroPoint(null, channels, x.ZeroPoint, weights, channelOf), .. Weights.FoldZeroPoint(node.OptionalInput(2), channels, 0, weights, channelOf)];

    private static (int[] Multipliers, sbyte[] Shifts) Multipliers(BlobTensor x, QuantizationParameters weights, BlobTensor y, int channels)
    {
        (int[] multipliers, sbyte[] shifts) = Weights.Multipliers(x.Scale, weights, y.Scale, channels);
        return Array.TrueForAll(shifts, s => s <= MostShift) ? (multipliers, shifts) : throw TooFine(x, y);
    }

    private static int[] Factor(BlobTensor x, BlobTensor y, double factor)
    {
        QuantizedMultiplier multiplier = QuantizedMultiplier.From(factor * x.Scale / y.Scale);
        return multiplier.Shift <= MostShift ? [multiplier.Multiplier, multiplier.Shift] : throw TooFine(x, y);
    }

    private static UnsupportedException TooFine(BlobTensor x, BlobTensor y) =>
        new($"the scale of '{y.Name}' is too small beside that of '{x.Name}' for a dynamic one; convert without --dynamic");

    /// <summary>The clamp in units of y's scale.</summary>
    private static int[] Bounds(Clamp clamp, BlobTensor y)
    {
        int Bound(float real) => (int)Math.Round(Math.Clamp((double)real / y.Scale, -NoBound, NoBound));
        return [Bound(clamp.Min), Bound(clamp.Max)];
    }
}
