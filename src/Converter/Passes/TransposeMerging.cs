namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Makes one Transpose of several in a row, none of those that cancel, and takes them off the ends: an input of the graph that is
/// only read through one Transpose, and an output made from NHWC by one, are NHWC themselves afterwards
/// (<see cref="LayoutMetadata"/> tells). Before FullyConnected, the columns of the weights are put into order instead.
/// </summary>
internal sealed class TransposeMerging : LocalPass
{
    /// <summary>NHWC to NCHW, the order in which ONNX has images.</summary>
    private static readonly int[] s_toChannelsFirst = [0, 3, 1, 2];

    public override string Description => "merges and cancels Transposes, and takes them off inputs, outputs and FullyConnected";

    /// <summary>Whether the Transpose <paramref name="node"/> makes an output of the graph that will be NHWC.</summary>
    public static bool IsOutputLayout(GraphRewriter rewriter, Node node)
    {
        Value x = node.Input(0);
        return node.Operator is Transpose transpose && transpose.Permutation.AsSpan().SequenceEqual(s_toChannelsFirst)
            && rewriter.IsOutput(node.Output) && rewriter.Consumers(node.Output).Count == 0
            && rewriter.Producer(x) is not null && !rewriter.IsOutput(x) && rewriter.Graph.Outputs.Count(o => o == node.Output) == 1;
    }

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (node.Operator is FullyConnected)
        {
            return TryPermuteWeights(rewriter, node);
        }

        if (node.Operator is not Transpose transpose)
        {
            return false;
        }

        if (Permutation.IsIdentity(transpose.Permutation) && SameReals(node.Input(0), node.Output) && rewriter.Bypass(node, node.Input(0)))
        {
            return true;
        }

        if (rewriter.Producer(node.Input(0)) is { Operator: Transpose first } before && SameReals(before.Input(0), before.Output))
        {
            node.Operator = new Transpose(Permutation.Then(first.Permutation, transpose.Permutation));
            rewriter.SetInput(node, 0, before.Input(0));
            return true;
        }

        return TryIntoInput(rewriter, node, transpose.Permutation) || TryIntoOutput(rewriter, node, transpose.Permutation);
    }

    private static bool SameReals(Value x, Value y) => x.Type == y.Type && Equals(x.Quantization, y.Quantization);

    private static bool TryIntoInput(GraphRewriter rewriter, Node node, int[] permutation)
    {
        Value input = node.Input(0);
        if (!rewriter.IsInput(input) || rewriter.IsOutput(input) || rewriter.IsOutput(node.Output) || !SameReals(input, node.Output)
            || !rewriter.Consumers(input).All(n => n.Operator is Transpose t && t.Permutation.AsSpan().SequenceEqual(permutation)
                && !rewriter.IsOutput(n.Output) && SameReals(input, n.Output)))
        {
            return false;
        }

        input.Shape = Permutation.Apply(permutation, input.Shape);
        LayoutMetadata.Add(rewriter.Graph, input, permutation);
        foreach (Node transpose in rewriter.Consumers(input).ToArray())
        {
            rewriter.Bypass(transpose, input);
        }

        return true;
    }

    private static bool TryIntoOutput(GraphRewriter rewriter, Node node, int[] permutation)
    {
        if (!IsOutputLayout(rewriter, node) || !SameReals(node.Input(0), node.Output))
        {
            return false;
        }

        LayoutMetadata.Add(rewriter.Graph, node.Output, Permutation.Inverse(permutation));
        return rewriter.Bypass(node, node.Input(0));
    }

    /// <summary>
    /// Transpose, Reshape of everything but the batch into one row, FullyConnected: the same sum is taken over elements in
    /// another order, so that the weights can be brought into the order in which the elements lie.
    /// </summary>
    private static bool TryPermuteWeights(GraphRewriter rewriter, Node node)
    {
        if (rewriter.Producer(node.Input(0)) is not { Operator: Reshape } reshape
            || rewriter.Producer(reshape.Input(0)) is not { Operator: Transpose transpose } transposed
            || node.Input(1) is not { Constant: { } matrix } weights || weights.Quantization is { IsPerTensor: false, Axis: not 0 }
            || !SameReals(transposed.Input(0), reshape.Output) || !SameReals(transposed.Input(0), transposed.Output))
        {
            return false;
        }

        Shape from = transposed.Output.Shape;
        int columns = matrix.Shape[1];
        // Leading dimensions that stay in front (batch), the others make up one row.
        int batch = 0;
        int row = from.ElementCount;
        while (row > columns && batch < from.Rank && transpose.Permutation[batch] == batch)
        {
            row /= Math.Max(1, from[batch++]);
        }

        if (row != columns)
        {
            return false;
        }

        int[] rest = [.. transpose.Permutation.Skip(batch).Select(d => d - batch)];
        if (rest.Any(d => d < 0))
        {
            return false;
        }

        // Columns in the order of the Transpose's output, to the order of its input: one more dimension in front for the rows.
        var shape = new Shape([matrix.Shape[0], .. from.Skip(batch)]);
        Tensor permuted = Permutation.Apply(Permutation.Extend(Permutation.Inverse(rest), shape.Rank), matrix.Reshape(shape)).Reshape(matrix.Shape);
        Value flat = rewriter.NewValue(reshape.Output, reshape.Output.Shape);
        rewriter.InsertBefore(node, new Node(reshape.Name, new Reshape(), [transposed.Input(0)], [flat]));
        rewriter.SetInput(node, 0, flat);
        rewriter.SetInput(node, 1, rewriter.NewConstant(weights.Name, permuted, weights.Quantization));
        return true;
    }
}
