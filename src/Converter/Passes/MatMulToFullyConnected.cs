namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>A MatMul by a constant matrix is a FullyConnected with the matrix transposed.</summary>
internal sealed class MatMulToFullyConnected : LocalPass
{
    public override string Description => "turns MatMul by a constant matrix into FullyConnected";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (node.Operator is not MatMul || node.Input(1) is not { Constant: { } matrix } b || node.Input(0).IsConstant)
        {
            return false;
        }

        Shape shape = matrix.Shape;
        Value a = node.Input(0);
        if (shape.Rank < 2 || a.Shape.Rank < shape.Rank || shape.Take(shape.Rank - 2).Any(d => d != 1) || !SupportedType(b))
        {
            return false;
        }

        QuantizationParameters? quantization = b.Quantization;
        if (quantization is { IsPerTensor: false })
        {
            // One scale for each output is what FullyConnected can use; one for each of the summed elements is not.
            if (quantization.Axis != shape.Rank - 1)
            {
                return false;
            }

            quantization = quantization with { Axis = 0 };
        }

        Tensor weights = Permutation.Apply([1, 0], matrix.Reshape(new Shape(shape[-2], shape[-1])));
        Value constant = rewriter.NewConstant(b.Name, weights, quantization);
        rewriter.Replace(node, new Node(node.Name, new FullyConnected(Clamp.None), [a, constant], [node.Output]));
        return true;
    }

    private static bool SupportedType(Value b) => b.Type == ElementType.Float32 || (b.Type == ElementType.Int8 && b.Quantization is not null);
}
