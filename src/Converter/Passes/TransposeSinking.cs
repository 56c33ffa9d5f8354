namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>Moves Transposes towards the outputs, past operators that can do without, so that they meet others and cancel.</summary>
internal sealed class TransposeSinking : LocalPass
{
    public override string Description => "moves Transposes towards the outputs";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node) => node.Operator switch
    {
        Transpose => false,
        Binary => TryBinary(rewriter, node),
        Concat concat => TryConcat(rewriter, node, concat),
        _ => TryOneInput(rewriter, node),
    };

    /// <summary>The Transpose that makes <paramref name="value"/>, if it leaves the reals as they are.</summary>
    private static Node? TransposeOf(GraphRewriter rewriter, Value? value) =>
        rewriter.Producer(value) is { Operator: Transpose } node && node.Input(0).Type == node.Output.Type
        && Equals(node.Input(0).Quantization, node.Output.Quantization) ? node : null;

    private static int[] PermutationOf(Node transpose) => ((Transpose)transpose.Operator).Permutation;

    private static bool TryOneInput(GraphRewriter rewriter, Node node)
    {
        if (TransposeOf(rewriter, node.OptionalInput(0)) is not { } transpose || TransposeRules.After(node, PermutationOf(transpose)) is not { } exchange)
        {
            return false;
        }

        Put(rewriter, node, exchange.Operator, [transpose.Input(0), .. node.Inputs.Skip(1)], exchange.Shape, exchange.Permutation);
        return true;
    }

    private static bool TryBinary(GraphRewriter rewriter, Node node)
    {
        int rank = node.Output.Shape.Rank;
        int[]? permutation = null;
        foreach (Value input in node.Inputs.OfType<Value>())
        {
            if (permutation is null && TransposeOf(rewriter, input) is { } transpose)
            {
                permutation = Permutation.Extend(PermutationOf(transpose), rank);
            }
        }

        if (permutation is null)
        {
            return false;
        }

        var plain = new Value[2];
        for (int i = 0; i < 2; i++)
        {
            if (Untransposed(rewriter, node, i, permutation) is not { } operand)
            {
                return false;
            }

            plain[i] = operand;
        }

        Put(rewriter, node, node.Operator, plain, Permutation.Apply(Permutation.Inverse(permutation), node.Output.Shape), permutation);
        return true;
    }

    private static bool TryConcat(GraphRewriter rewriter, Node node, Concat concat)
    {
        int[]? permutation = node.Inputs.Select(v => TransposeOf(rewriter, v)).OfType<Node>().Select(PermutationOf).FirstOrDefault();
        if (permutation is null)
        {
            return false;
        }

        var plain = new Value[node.Inputs.Count];
        for (int i = 0; i < plain.Length; i++)
        {
            if (Untransposed(rewriter, node, i, permutation) is not { } operand)
            {
                return false;
            }

            plain[i] = operand;
        }

        Shape shape = Permutation.Apply(Permutation.Inverse(permutation), node.Output.Shape);
        Put(rewriter, node, new Concat(permutation[concat.Axis]), plain, shape, permutation);
        return true;
    }

    /// <summary>
    /// The operand which under <paramref name="permutation"/> is input <paramref name="index"/> of <paramref name="node"/>;
    /// null if a new Transpose would be needed to have it.
    /// </summary>
    private static Value? Untransposed(GraphRewriter rewriter, Node node, int index, int[] permutation)
    {
        Value operand = node.Input(index);
        if (TransposeOf(rewriter, operand) is { } transpose && Permutation.Extend(PermutationOf(transpose), permutation.Length).AsSpan().SequenceEqual(permutation))
        {
            return transpose.Input(0);
        }

        return TransposeOperands.Permuted(rewriter, node, operand, Permutation.Inverse(permutation));
    }

    /// <summary>Replaces <paramref name="node"/> by its operator on other inputs, and a Transpose that gives the old output.</summary>
    private static void Put(GraphRewriter rewriter, Node node, Operator op, IEnumerable<Value?> inputs, Shape shape, int[] permutation)
    {
        Value plain = rewriter.NewValue(node.Output, shape);
        var moved = new Node(node.Name, op, inputs, [plain]);
        rewriter.InsertBefore(node, moved);
        rewriter.Replace(node, new Node(node.Name + "/transpose", new Transpose(permutation), [plain], [node.Output]));
    }
}
