using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>The second operand of ADD, SUB or MUL: a tensor or int8 constants.</summary>
internal sealed class Operand
{
    public Operand(BlobTensor tensor)
    {
        Tensor = tensor;
        Shape = tensor.Shape;
        Quantization = tensor.Quantization!;
    }

    public Operand(Shape shape, sbyte[] constants, QuantizationParameters quantization)
    {
        Shape = shape;
        Constants = constants;
        Quantization = quantization;
    }

    public BlobTensor? Tensor { get; }

    public sbyte[] Constants { get; } = [];

    public Shape Shape { get; }

    public QuantizationParameters Quantization { get; }
}

/// <summary>Makes ADD, SUB and MUL with TensorFlow Lite Micro's factors (add_common, sub_common, mul_common).</summary>
internal static class Binaries
{
    /// <summary>Both operands are shifted so far to the left before they are brought to a common scale.</summary>
    private const int LeftShift = 20;

    public static BlobOperator AddOrSub(OperatorKind kind, Node node, BlobTensor a, Operand b, BlobTensor y, Clamp clamp)
    {
        (QuantizedMultiplier fa, QuantizedMultiplier fb, QuantizedMultiplier fy) = SumFactors(kind == OperatorKind.Sub, a.Scale, b.Quantization.Scale, y.Scale);
        (int min, int max) = FixedPoint.Range(clamp, y.Quantization!);
        return new BlobOperator(kind, node.Name, Inputs(a, b), y)
        {
            Parameters =
            [
                LeftShift, a.ZeroPoint, fa.Multiplier, fa.Shift, b.Quantization.ZeroPoint, fb.Multiplier, fb.Shift,
                y.ZeroPoint, fy.Multiplier, fy.Shift, min, max, .. Broadcast(a, b, y),
            ],
            Biases = Array.ConvertAll(b.Constants, c => fb.Apply((c - b.Quantization.ZeroPoint) << LeftShift)),
        };
    }

    public static BlobOperator Mul(Node node, BlobTensor a, Operand b, BlobTensor y, Clamp clamp)
    {
        QuantizedMultiplier factor = ProductFactor(a.Scale, b.Quantization.Scale, y.Scale);
        (int min, int max) = FixedPoint.Range(clamp, y.Quantization!);
        return new BlobOperator(OperatorKind.Mul, node.Name, Inputs(a, b), y)
        {
            Parameters = [a.ZeroPoint, b.Quantization.ZeroPoint, y.ZeroPoint, factor.Multiplier, factor.Shift, min, max, .. Broadcast(a, b, y)],
            Biases = Array.ConvertAll(b.Constants, c => c - b.Quantization.ZeroPoint),
        };
    }

    /// <summary>What ADD or SUB gives for each x with the constant <paramref name="b"/>, not yet clamped.</summary>
    public static Func<int, int> Sum(bool isSub, QuantizationParameters qa, QuantizationParameters qb, QuantizationParameters qy, int b)
    {
        (QuantizedMultiplier fa, QuantizedMultiplier fb, QuantizedMultiplier fy) = SumFactors(isSub, qa.Scale, qb.Scale, qy.Scale);
        int scaled = fb.Apply((b - qb.ZeroPoint) << LeftShift);
        return x => fy.Apply(fa.Apply((x - qa.ZeroPoint) << LeftShift) + (isSub ? -scaled : scaled)) + qy.ZeroPoint;
    }

    /// <summary>What MUL gives for each x with the constant <paramref name="b"/>, not yet clamped.</summary>
    public static Func<int, int> Product(QuantizationParameters qa, QuantizationParameters qb, QuantizationParameters qy, int b)
    {
        QuantizedMultiplier factor = ProductFactor(qa.Scale, qb.Scale, qy.Scale);
        return x => factor.Apply((x - qa.ZeroPoint) * (b - qb.ZeroPoint)) + qy.ZeroPoint;
    }

    private static QuantizedMultiplier ProductFactor(float a, float b, float y) => QuantizedMultiplier.From((double)a * b / y);

    /// <summary>Addition computes its factors in double precision, subtraction in single.</summary>
    private static (QuantizedMultiplier A, QuantizedMultiplier B, QuantizedMultiplier Y) SumFactors(bool isSub, float a, float b, float y)
    {
        float common = 2 * Math.Max(a, b);
        QuantizedMultiplier factorY = QuantizedMultiplier.From(isSub ? common / ((1 << LeftShift) * y) : common / ((1 << LeftShift) * (double)y));
        if (factorY.Shift > 0)
        {
            throw new UnsupportedException($"its output's scale {y} is too small beside its operands' {a} and {b}");
        }

        return isSub
            ? (QuantizedMultiplier.From(a / common), QuantizedMultiplier.From(b / common), factorY)
            : (QuantizedMultiplier.From(a / (double)common), QuantizedMultiplier.From(b / (double)common), factorY);
    }

    private static BlobTensor[] Inputs(BlobTensor a, Operand b) => b.Tensor is null ? [a] : [a, b.Tensor];

    private static int[] Broadcast(BlobTensor a, Operand b, BlobTensor y)
    {
        Strides strides = new Strides(y.Shape.ToArray(), [Strides.Broadcast(a.Shape, y.Shape), Strides.Broadcast(b.Shape, y.Shape)]).Collapse();
        return [strides.Dimensions.Length, .. strides.Dimensions, .. strides.Operands[0], .. strides.Operands[1]];
    }
}
