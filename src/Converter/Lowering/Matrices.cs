using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>FULLY_CONNECTED, BATCH_MATMUL.</summary>
internal static class Matrices
{
    private const int ChannelsAtATime = 64;

    public static void LowerFullyConnected(LoweringContext context, Node node)
    {
        (sbyte[] weights, QuantizationParameters scales) = Weights.Get(node.Input(1));
        AddFullyConnected(context, node, weights, scales, node.Input(1).Shape[0], ((FullyConnected)node.Operator).Clamp);
    }

    public static void LowerMatMul(LoweringContext context, Node node)
    {
        if (node.Input(1).IsConstant)
        {
            LowerByConstant(context, node);
            return;
        }

        BlobTensor a = context.Tensor(node.Input(0));
        BlobTensor b = context.Tensor(node.Input(1));
        BlobTensor y = context.Define(node.Output);
        int m = a.Shape[-2];
        int k = a.Shape[-1];
        int n = b.Shape[-1];
        int batchA = a.Shape.ElementCount / (m * k);
        int batchB = b.Shape.ElementCount / (k * n);
        int batch = y.Shape.ElementCount / (m * n);
        if ((batchA != batch && batchA != 1) || (batchB != batch && batchB != 1))
        {
            throw new UnsupportedException($"batches {a.Shape} and {b.Shape} broadcast in more than one way");
        }

        (int min, int max) = FixedPoint.Range(Clamp.None, y.Quantization!);
        (int[] multipliers, sbyte[] shifts) = Weights.Split(ProductMultiplier(a.Scale, b.Scale, y.Scale));
        context.Add(new BlobOperator(OperatorKind.BatchMatMul, node.Name, [a, b], y)
        {
            Parameters = [batch, m, k, n, a.ZeroPoint, b.ZeroPoint, y.ZeroPoint, min, max, Flag(batchA != batch), Flag(batchB != batch)],
            Multipliers = multipliers,
            Shifts = shifts,
            Scratch32 = Math.Min(ChannelsAtATime, n),
        });
    }

    /// <summary>a [...,K] times a constant [K,N]: FULLY_CONNECTED with the constant transposed.</summary>
    private static void LowerByConstant(LoweringContext context, Node node)
    {
        (sbyte[] data, QuantizationParameters scales) = Weights.Get(node.Input(1));
        Shape shape = node.Input(1).Shape;
        if (shape.Rank != 2 || (!scales.IsPerTensor && scales.Axis != 1))
        {
            throw new UnsupportedException($"its constant operand '{node.Input(1).Name}' is {shape}; a constant second operand of two dimensions is what can be converted");
        }

        var transposed = new sbyte[data.Length];
        for (int k = 0; k < shape[0]; k++)
        {
            for (int n = 0; n < shape[1]; n++)
            {
                transposed[(n * shape[0]) + k] = data[(k * shape[1]) + n];
            }
        }

        AddFullyConnected(context, node, transposed, scales, shape[1], Clamp.None);
    }

    private static void AddFullyConnected(LoweringContext context, Node node, sbyte[] weights, QuantizationParameters scales, int channels, Clamp clamp)
    {
        BlobTensor x = context.Tensor(node.Input(0));
        bool isWide = node.Output.Type == ElementType.Int16;
        BlobTensor y = isWide ? context.DefineWide(node.Output) : context.Define(node.Output);
        int depth = weights.Length / channels;
        (int min, int max) = isWide ? WideRange(clamp, y.Scale) : FixedPoint.Range(clamp, y.Quantization!);
        int[] biases = Weights.FoldZeroPoint(node.OptionalInput(2), channels, x.ZeroPoint, weights, i => i / depth);
        (int[] multipliers, sbyte[] shifts) = scales.IsPerTensor
            ? Weights.Split(ProductMultiplier(x.Scale, scales.Scale, y.Scale))
            : Weights.Multipliers(x.Scale, scales, y.Scale, channels);
        context.Add(new BlobOperator(OperatorKind.FullyConnected, node.Name, [x], y)
        {
            Parameters = [depth, y.ZeroPoint, min, max],
            Weights = weights,
            Biases = biases,
            Multipliers = multipliers,
            Shifts = shifts,
            Scratch32 = Math.Min(ChannelsAtATime, channels),
        });
    }

    private static (int Min, int Max) WideRange(Clamp clamp, float scale) =>
        ((int)Math.Clamp(Math.Round(clamp.Min / (double)scale), short.MinValue, short.MaxValue), (int)Math.Clamp(Math.Round(clamp.Max / (double)scale), short.MinValue, short.MaxValue));

    /// <summary>Unlike for convolutions, the product of the two scales is single precision (GetQuantizedConvolutionMultipler).</summary>
    private static QuantizedMultiplier ProductMultiplier(float a, float b, float output) => QuantizedMultiplier.From((double)(a * b) / output);

    private static int Flag(bool value) => value ? 1 : 0;
}
