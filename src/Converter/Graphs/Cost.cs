namespace TinyInference.Converter.Graphs;

/// <summary>What a network costs, as the literature counts it.</summary>
internal static class Cost
{
    /// <summary>
    /// Multiply-accumulates of one inference of <paramref name="node"/>: those of convolutions and matrix products, padding
    /// counted as if it were multiplied; 0 for every other operator.
    /// </summary>
    public static long Macs(Node node)
    {
        long outputs = node.Output.Shape.ElementCount;
        switch (node.Operator)
        {
            case Conv2D:
                return outputs * Extent(node.Input(1), 1, 3);
            case DepthwiseConv2D:
                return outputs * Extent(node.Input(1), 1, 2);
            case TransposeConv2D conv:
                return node.Input(0).Shape.ElementCount * (Extent(node.Input(1), 0, 2) / conv.Groups);
            case FullyConnected:
                return outputs * node.Input(1).Shape[1];
            case Recurrent:
                Shape x = node.Input(0).Shape;
                return (long)x[0] * x[1] * (node.Input(1).Shape.ElementCount + node.Input(2).Shape.ElementCount);
            case MatMul:
                return outputs * node.Input(0).Shape[-1];
            default:
                return 0;
        }
    }

    /// <summary>Multiply-accumulates of one inference of the whole graph.</summary>
    public static long Macs(Graph graph) => graph.Nodes.Sum(Macs);

    /// <summary>
    /// Elements of all constants that are reals (or quantized reals): weights, biases, tables. Shapes, axes and indices are
    /// integers and no parameters.
    /// </summary>
    public static long Parameters(Graph graph) => graph.Values()
        .Where(v => v.IsConstant && (v.Type == ElementType.Float32 || v.Quantization is not null))
        .Sum(v => (long)v.Shape.ElementCount);

    /// <summary>Product of the dimensions from <paramref name="first"/> to <paramref name="last"/>, both counted.</summary>
    private static long Extent(Value value, int first, int last)
    {
        long product = 1;
        for (int i = first; i <= last; i++)
        {
            product *= value.Shape[i];
        }

        return product;
    }
}
