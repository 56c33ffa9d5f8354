namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>Operands that can change the order of their dimensions without any work at run time.</summary>
internal static class TransposeOperands
{
    /// <summary>
    /// <paramref name="operand"/> of <paramref name="node"/> under <paramref name="permutation"/> (of as many dimensions as the output has;
    /// missing ones count as 1 in front): a constant is permuted, one element is as it was, and what does not move becomes a Reshape.
    /// Null where elements would have to move.
    /// </summary>
    public static Value? Permuted(GraphRewriter rewriter, Node node, Value operand, int[] permutation)
    {
        Shape shape = operand.Shape;
        if (shape.ElementCount == 1 && (shape.Rank < permutation.Length || node.Operator is Binary))
        {
            return operand;
        }

        if (operand.Quantization is { IsPerTensor: false } || shape.Rank > permutation.Length)
        {
            return null;
        }

        var extended = new Shape([.. Enumerable.Repeat(1, permutation.Length - shape.Rank), .. shape]);
        if (operand.Constant is { } constant)
        {
            return rewriter.NewConstant(operand.Name, Permutation.Apply(permutation, constant.Reshape(extended)), operand.Quantization);
        }

        if (!Permutation.MovesNothing(permutation, extended))
        {
            return null;
        }

        Value moved = rewriter.NewValue(operand, Permutation.Apply(permutation, extended));
        rewriter.InsertBefore(node, new Node(operand.Name + "/reshape", new Reshape(), [operand], [moved]));
        return moved;
    }
}
