namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Takes Quantize and Dequantize out of the graph and puts what they say into its values: a value between Quantize and
/// Dequantize is Int8 with quantization parameters, and so are the inputs and outputs of a graph that begins and ends with them.
/// Quantize stays where the parameters of an Int8 value change.
/// </summary>
internal sealed class QuantizationFolding : LocalPass
{
    public override string Description => "turns Quantize and Dequantize into quantized values, also at inputs and outputs";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node) => node.Operator switch
    {
        Dequantize => TryDequantize(rewriter, node),
        Quantize => TryQuantize(rewriter, node),
        _ => TryMoveForward(node) || TryMoveBackward(rewriter, node),
    };

    private static bool IsQuantized(Value value) =>
        value is { Type: ElementType.Int8, Quantization: not null } || (value is { IsConstant: true, Quantization: not null } && value.Type != ElementType.Float32);

    /// <summary>Readers of the reals read the integers, which stand for the same reals.</summary>
    private static bool TryDequantize(GraphRewriter rewriter, Node node)
    {
        Value x = node.Input(0);
        return IsQuantized(x) && x.Shape.Equals(node.Output.Shape) && node.Output.Quantization is null && rewriter.Bypass(node, x);
    }

    private static bool TryQuantize(GraphRewriter rewriter, Node node)
    {
        Value x = node.Input(0);
        Value y = node.Output;
        if (y is not { Type: ElementType.Int8, Quantization.IsPerTensor: true } || x.Type != ElementType.Float32
            || (x.Quantization is not null && !x.Quantization.Equals(y.Quantization)))
        {
            return false;
        }

        if (x.Constant is { } constant)
        {
            if (rewriter.IsOutput(y))
            {
                return false;
            }

            rewriter.ReplaceUses(y, rewriter.NewConstant(y.Name, Quantized(constant, y.Quantization!), y.Quantization));
            return true;
        }

        if (rewriter.OnlyConsumer(x) is null || (rewriter.IsInput(x) && rewriter.IsOutput(y)))
        {
            return false;
        }

        // x is read by nobody else: it can itself be what Quantize would have made of it.
        x.Type = ElementType.Int8;
        x.Quantization = y.Quantization;
        return rewriter.Bypass(node, x);
    }

    /// <summary>Real to int8 as TensorFlow Lite's Quantize does it: round half away from zero, saturate.</summary>
    private static Tensor Quantized(Tensor reals, QuantizationParameters quantization)
    {
        float scale = quantization.Scale;
        int zeroPoint = quantization.ZeroPoint;
        return new Tensor(reals.Shape, Array.ConvertAll(reals.Floats, x =>
            float.IsNaN(x) ? (sbyte)0 : (sbyte)Math.Clamp(MathF.Round(x / scale, MidpointRounding.AwayFromZero) + zeroPoint, sbyte.MinValue, sbyte.MaxValue)));
    }

    /// <summary>What only moves Int8 elements gives Int8 elements with the same parameters.</summary>
    private static bool TryMoveForward(Node node)
    {
        if (!OnlyMoves(node) || node.Output is not { Type: ElementType.Float32, Quantization: null }
            || node.Input(0) is not { Type: ElementType.Int8, Quantization.IsPerTensor: true } x)
        {
            return false;
        }

        if (node.Operator is Concat && !node.Inputs.All(v => v!.Type == ElementType.Int8 && x.Quantization.Equals(v.Quantization)))
        {
            return false;
        }

        node.Output.Type = ElementType.Int8;
        node.Output.Quantization = x.Quantization;
        return true;
    }

    /// <summary>
    /// Quantize works on each element alone and never reverses an order, so that doing it before elements are moved
    /// (or the largest is taken) gives the same integers.
    /// </summary>
    private static bool TryMoveBackward(GraphRewriter rewriter, Node node)
    {
        if (!OnlyMoves(node) || node.Output is not { Type: ElementType.Int8, Quantization.IsPerTensor: true } y)
        {
            return false;
        }

        int moved = node.Operator is Concat ? node.Inputs.Count : 1;
        bool changed = false;
        foreach (Value x in node.Inputs.Take(moved).OfType<Value>())
        {
            if (x is { Type: ElementType.Float32, Quantization: null, IsConstant: false } && rewriter.OnlyConsumer(x) is not null && rewriter.Producer(x) is not null)
            {
                x.Type = ElementType.Int8;
                x.Quantization = y.Quantization;
                changed = true;
            }
        }

        return changed;
    }

    private static bool OnlyMoves(Node node) => node.Operator switch
    {
        Reshape or Transpose or Slice or Concat or Gather or Identity => true,
        Pool2D { Function: PoolFunction.Max, Clamp.IsNone: true } => true,
        Reduce { Function: ReduceFunction.Max or ReduceFunction.Min } => true,
        Resize { Function: ResizeFunction.Nearest } => true,
        // The zero point stands for 0 exactly; other values might have to be rounded.
        Pad pad => pad.Mode != PadMode.Constant || pad.Value == 0,
        _ => false,
    };
}
