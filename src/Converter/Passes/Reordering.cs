namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Lets elementwise functions work where there are fewest elements: after the MaxPool, Slice or Gather that leaves fewer, before the
/// Resize that makes more. Before a Reshape, too, where the function may join the operator that made the elements.
/// </summary>
internal sealed class Reordering : LocalPass
{
    public override string Description => "moves elementwise functions to where there are fewer elements";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (node.Inputs.Count == 0 || rewriter.PrivateProducer(node.Input(0)) is not { } producer)
        {
            return false;
        }

        if (IsElementwise(producer) && Selects(node, producer))
        {
            return node.Output.Shape.ElementCount < producer.Output.Shape.ElementCount && Exchange(rewriter, producer, node);
        }

        return IsElementwise(node) && producer.Operator is Reshape or Resize { Function: ResizeFunction.Nearest }
            && (producer.Operator is Reshape || producer.Output.Shape.ElementCount > producer.Input(0).Shape.ElementCount)
            && SameReals(producer.Input(0), producer.Output) && Exchange(rewriter, producer, node);
    }

    private static bool SameReals(Value x, Value y) => x.Type == y.Type && Equals(x.Quantization, y.Quantization);

    /// <summary>Whether <paramref name="node"/> only takes some of the elements of what <paramref name="function"/> makes.</summary>
    private static bool Selects(Node node, Node function) => SameReals(node.Input(0), node.Output) && node.Operator switch
    {
        Slice => true,
        Gather => true,
        Pool2D { Function: PoolFunction.Max, Clamp.IsNone: true } => KeepsOrder(function.Operator),
        _ => false,
    };

    /// <summary>
    /// Functions of one element, whatever its place: all results come from x alone. Quantize of reals is none of them here,
    /// because it stands where elements become small.
    /// </summary>
    private static bool IsElementwise(Node node) => node.Operator is Unary
        || (node.Operator is Quantize && node.Input(0) is { Type: ElementType.Int8, Quantization.IsPerTensor: true });

    /// <summary>Whether a larger element never has a smaller result, so that the function of the maximum is the maximum of the function.</summary>
    private static bool KeepsOrder(Operator op) => op switch
    {
        Quantize => true,
        Unary unary => unary.Function switch
        {
            UnaryFunction.Relu or UnaryFunction.Relu6 or UnaryFunction.Sigmoid or UnaryFunction.Tanh or UnaryFunction.Softplus
                or UnaryFunction.Erf or UnaryFunction.Exp or UnaryFunction.Floor or UnaryFunction.Ceil or UnaryFunction.Round or UnaryFunction.Sign => true,
            UnaryFunction.Clip => unary.Alpha <= unary.Beta,
            UnaryFunction.LeakyRelu or UnaryFunction.HardSigmoid or UnaryFunction.Elu => unary.Alpha >= 0,
            _ => false,
        },
        _ => false,
    };

    /// <summary>first, second becomes second, first: each keeps its attributes, the value between gets its new shape and parameters.</summary>
    private static bool Exchange(GraphRewriter rewriter, Node first, Node second)
    {
        // The function alone changes element type and quantization; the move keeps those of what it reads.
        bool functionFirst = IsElementwise(first);
        Value x = first.Input(0);
        Value between = functionFirst
            ? rewriter.NewValue(x, second.Output.Shape)
            : rewriter.NewValue(second.Output, x.Shape);
        between.Name = rewriter.UniqueName(first.Output.Name);
        rewriter.InsertBefore(second, new Node(second.Name, second.Operator, [x, .. second.Inputs.Skip(1)], [between]));
        rewriter.Replace(second, new Node(first.Name, first.Operator, [between, .. first.Inputs.Skip(1)], [second.Output]));
        return true;
    }
}
