namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>Removes nodes that give back what they were given, and makes one Reshape of a chain of them.</summary>
internal sealed class IdentityRemoval : LocalPass
{
    public override string Description => "removes operators that change nothing (Identity, x + 0, x * 1, empty Pad, ...)";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (TryMergeReshapes(rewriter, node))
        {
            return true;
        }

        // A clamp, another element type or other quantization parameters: then something does happen.
        return Unchanged(node) is { } source && source.Shape.Equals(node.Output.Shape) && source.Type == node.Output.Type
            && Equals(source.Quantization, node.Output.Quantization) && rewriter.Bypass(node, source);
    }

    /// <summary>The operand that <paramref name="node"/> gives back; null if it computes something.</summary>
    private static Value? Unchanged(Node node)
    {
        Value x = node.Input(0);
        switch (node.Operator)
        {
            case Identity or Reshape or Cast:
                return x;
            case Transpose transpose when Permutation.IsIdentity(transpose.Permutation):
                return x;
            case Pad pad when Array.TrueForAll(pad.Before, n => n == 0) && Array.TrueForAll(pad.After, n => n == 0):
                return x;
            case Slice slice when Array.TrueForAll(slice.Begin, n => n == 0) && Array.TrueForAll(slice.Step, n => n == 1):
                return x;
            case Concat when node.Inputs.Count == 1:
                return x;
            case Quantize when x.Type == ElementType.Int8:
                return x;
            case Binary { Clamp.IsNone: true } binary:
                return NeutralOperand(binary.Function, x, node.Input(1));
            case Unary { Function: UnaryFunction.Clip, Alpha: float.NegativeInfinity, Beta: float.PositiveInfinity }:
                return x;
            case Reduce { Function: not ReduceFunction.Prod } reduce when Array.TrueForAll(reduce.Axes, a => x.Shape[a] == 1):
                return x;
            case Pool2D { Clamp.IsNone: true, Window: { KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1, HasPadding: false } }:
                return x;
            default:
                return null;
        }
    }

    private static Value? NeutralOperand(BinaryFunction function, Value a, Value b) => function switch
    {
        BinaryFunction.Add when IsExactly(b, 0) => a,
        BinaryFunction.Add when IsExactly(a, 0) => b,
        BinaryFunction.Sub when IsExactly(b, 0) => a,
        BinaryFunction.Mul or BinaryFunction.Div or BinaryFunction.Pow when IsExactly(b, 1) => a,
        BinaryFunction.Mul when IsExactly(a, 1) => b,
        _ => null,
    };

    private static bool IsExactly(Value value, float real) => Constants.Floats(value) is { Length: > 0 } floats && Array.TrueForAll(floats, f => f == real);

    private static bool TryMergeReshapes(GraphRewriter rewriter, Node node)
    {
        if (node.Operator is not Reshape || rewriter.Producer(node.Input(0)) is not { Operator: Reshape } first
            || first.Input(0).Type != node.Output.Type || !Equals(first.Input(0).Quantization, node.Output.Quantization))
        {
            return false;
        }

        rewriter.SetInput(node, 0, first.Input(0));
        return true;
    }
}
