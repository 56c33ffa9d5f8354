namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>Moves Transposes towards the inputs, past operators that can do without.</summary>
internal sealed class TransposeHoisting : LocalPass
{
    public override string Description => "moves Transposes towards the inputs";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (node.Operator is not Transpose transpose || rewriter.PrivateProducer(node.Input(0)) is not { } producer
            || node.Input(0).Type != node.Output.Type || !Equals(node.Input(0).Quantization, node.Output.Quantization))
        {
            return false;
        }

        int[] permutation = transpose.Permutation;
        return producer.Operator switch
        {
            Transpose => false,
            Reshape => TryReshape(rewriter, node, producer, permutation),
            Binary => TryAllInputs(rewriter, node, producer, producer.Operator, permutation),
            Concat concat => TryAllInputs(rewriter, node, producer, new Concat(Permutation.Inverse(permutation)[concat.Axis]), permutation),
            _ => TryOneInput(rewriter, node, producer, permutation),
        };
    }

    /// <summary>
    /// op'(T'(x)) = T(op(x)) is the rule for sinking the inverse of T read backwards: op after T' is op' before the inverse.
    /// </summary>
    private static bool TryOneInput(GraphRewriter rewriter, Node node, Node producer, int[] permutation)
    {
        if (producer.Inputs.Count == 0 || producer.Input(0).IsConstant || producer.Input(0).Shape.Rank != permutation.Length
            || TransposeRules.After(producer, Permutation.Inverse(permutation)) is not { } exchange
            || !exchange.Permutation.AsSpan().SequenceEqual(Permutation.Inverse(permutation)))
        {
            return false;
        }

        Value moved = Transposed(rewriter, producer, producer.Input(0), permutation);
        rewriter.Replace(node, new Node(producer.Name, exchange.Operator, [moved, .. producer.Inputs.Skip(1)], [node.Output]));
        return true;
    }

    private static bool TryReshape(GraphRewriter rewriter, Node node, Node reshape, int[] permutation)
    {
        // Backwards the Reshape goes from the Transpose's output to its own input.
        Value x = reshape.Input(0);
        if (x.IsConstant || TransposeRules.AfterReshape(node.Input(0).Shape, x.Shape, Permutation.Inverse(permutation)) is not { } exchange)
        {
            return false;
        }

        int[] before = Permutation.Inverse(exchange.Permutation);
        Value moved = Transposed(rewriter, reshape, x, before);
        rewriter.Replace(node, new Node(reshape.Name, new Reshape(), [moved], [node.Output]));
        return true;
    }

    private static bool TryAllInputs(GraphRewriter rewriter, Node node, Node producer, Operator op, int[] permutation)
    {
        if (!producer.Inputs.All(v => v!.IsConstant || v.Shape.Rank == permutation.Length || v.Shape.ElementCount == 1)
            || producer.Inputs.Any(v => v!.Quantization is { IsPerTensor: false }))
        {
            return false;
        }

        var moved = new Value[producer.Inputs.Count];
        for (int i = 0; i < moved.Length; i++)
        {
            Value operand = producer.Input(i);
            moved[i] = TransposeOperands.Permuted(rewriter, producer, operand, permutation) ?? Transposed(rewriter, producer, operand, permutation);
        }

        rewriter.Replace(node, new Node(producer.Name, op, moved, [node.Output]));
        return true;
    }

    private static Value Transposed(GraphRewriter rewriter, Node position, Value x, int[] permutation)
    {
        Value moved = rewriter.NewValue(x, Permutation.Apply(permutation, x.Shape));
        rewriter.InsertBefore(position, new Node(position.Name + "/transpose", new Transpose(permutation), [x], [moved]));
        return moved;
    }
}
