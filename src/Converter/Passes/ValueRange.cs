namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>What is known of the reals in a value from the operators that made it.</summary>
internal static class ValueRange
{
    /// <summary>How far to look back; enough for chains of moves.</summary>
    private const int Depth = 8;

    /// <summary>A real that no element of <paramref name="value"/> is below; -inf if nothing is known.</summary>
    public static float LowerBound(GraphRewriter rewriter, Value value) => LowerBound(rewriter, value, Depth);

    private static float LowerBound(GraphRewriter rewriter, Value value, int depth)
    {
        float stored = value is { Type: ElementType.Int8, Quantization: { IsPerTensor: true } quantization }
            ? quantization.Scale * (sbyte.MinValue - quantization.ZeroPoint)
            : float.NegativeInfinity;
        if (depth == 0 || rewriter.Producer(value) is not { } node)
        {
            return stored;
        }

        return Math.Max(stored, node.Operator switch
        {
            Conv2D op => op.Clamp.Min,
            DepthwiseConv2D op => op.Clamp.Min,
            TransposeConv2D op => op.Clamp.Min,
            FullyConnected op => op.Clamp.Min,
            Binary op => op.Clamp.Min,
            Unary op => OfFunction(op),
            Softmax { Log: false } => 0,
            Pool2D { Function: PoolFunction.Max } op => Math.Max(op.Clamp.Min, LowerBound(rewriter, node.Input(0), depth - 1)),
            Pool2D op => op.Clamp.Min,
            LayerNorm op => op.Clamp.Min,
            Reshape or Transpose or Slice or Identity => LowerBound(rewriter, node.Input(0), depth - 1),
            Concat => node.Inputs.Min(v => LowerBound(rewriter, v!, depth - 1)),
            _ => float.NegativeInfinity,
        });
    }

    private static float OfFunction(Unary op) => op.Function switch
    {
        UnaryFunction.Relu or UnaryFunction.Relu6 or UnaryFunction.Sigmoid or UnaryFunction.HardSigmoid or UnaryFunction.Exp
            or UnaryFunction.Sqrt or UnaryFunction.Square or UnaryFunction.Abs or UnaryFunction.Softplus => 0,
        UnaryFunction.Clip => op.Alpha,
        UnaryFunction.Tanh or UnaryFunction.Sin or UnaryFunction.Cos or UnaryFunction.Sign or UnaryFunction.Erf => -1,
        _ => float.NegativeInfinity,
    };
}
