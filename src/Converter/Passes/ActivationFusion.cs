namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Makes Relu, Relu6, Clip and Min or Max with a constant part of the operator before them, as its <see cref="Clamp"/>.
/// Where there is no such operator, Min and Max with a constant become Clip, and two activations in a row become one.
/// </summary>
internal sealed class ActivationFusion : LocalPass
{
    public override string Description => "makes Relu, Relu6, Clip, Min and Max the clamp of the operator before them";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (node.Inputs.Count == 0 || ClampOf(node, out Value? x) is not { } clamp || !x!.Shape.Equals(node.Output.Shape))
        {
            return false;
        }

        if (rewriter.PrivateProducer(x) is { } producer && KeepsRounding(x, node.Output))
        {
            if (Clamped(producer.Operator, clamp) is { } fused)
            {
                producer.Operator = fused;
                rewriter.Absorb(producer, node);
                return true;
            }

            if (ClampOf(producer, out Value? source) is { } first && source!.Shape.Equals(x.Shape))
            {
                rewriter.Replace(node, new Node(node.Name, Activation(first.Then(clamp)), [source], [node.Output]));
                return true;
            }
        }

        if (node.Operator is Binary)
        {
            rewriter.Replace(node, new Node(node.Name, Activation(clamp), [x], [node.Output]));
            return true;
        }

        return false;
    }

    /// <summary>
    /// The clamp that <paramref name="node"/> does to <paramref name="x"/>; null if it is no activation of this kind.
    /// </summary>
    private static Clamp? ClampOf(Node node, out Value? x)
    {
        x = node.OptionalInput(0);
        switch (node.Operator)
        {
            case Unary { Function: UnaryFunction.Relu }:
                return Clamp.Relu;
            case Unary { Function: UnaryFunction.Relu6 }:
                return Clamp.Relu6;
            case Unary { Function: UnaryFunction.Clip } clip when clip.Alpha <= clip.Beta:
                return new Clamp(clip.Alpha, clip.Beta);
            case Binary { Function: BinaryFunction.Min or BinaryFunction.Max } binary:
                if (!Constants.TryScalar(node.Input(1), out float bound))
                {
                    if (!Constants.TryScalar(node.Input(0), out bound))
                    {
                        return null;
                    }

                    x = node.Input(1);
                }

                Clamp clamp = binary.Function == BinaryFunction.Min ? new Clamp(float.NegativeInfinity, bound) : new Clamp(bound, float.PositiveInfinity);
                return clamp.Then(binary.Clamp);
            default:
                return null;
        }
    }

    /// <summary>
    /// Whether the operator before may write <paramref name="result"/> at once: <paramref name="intermediate"/> is not rounded,
    /// or rounded to the same steps.
    /// </summary>
    private static bool KeepsRounding(Value intermediate, Value result) => intermediate.Quantization is null
        ? intermediate.Type == ElementType.Float32
        : intermediate.Type == result.Type && intermediate.Quantization.Equals(result.Quantization);

    private static Operator? Clamped(Operator op, Clamp clamp) => op switch
    {
        Conv2D conv => conv with { Clamp = conv.Clamp.Then(clamp) },
        DepthwiseConv2D conv => conv with { Clamp = conv.Clamp.Then(clamp) },
        TransposeConv2D conv => conv with { Clamp = conv.Clamp.Then(clamp) },
        FullyConnected connected => connected with { Clamp = connected.Clamp.Then(clamp) },
        Binary { Function: not (BinaryFunction.Min or BinaryFunction.Max) } binary => binary with { Clamp = binary.Clamp.Then(clamp) },
        Pool2D pool => pool with { Clamp = pool.Clamp.Then(clamp) },
        LayerNorm norm => norm with { Clamp = norm.Clamp.Then(clamp) },
        _ => null,
    };

    private static Unary Activation(Clamp clamp) => clamp == Clamp.Relu ? new Unary(UnaryFunction.Relu)
        : clamp == Clamp.Relu6 ? new Unary(UnaryFunction.Relu6)
        : new Unary(UnaryFunction.Clip, clamp.Min, clamp.Max);
}
