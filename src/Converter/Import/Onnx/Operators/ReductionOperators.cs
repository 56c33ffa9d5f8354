namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>Reduce* and ArgMax, ArgMin.</summary>
internal static class ReductionOperators
{
    /// <param name="axesAreInput">First opset in which the axes are an input.</param>
    public static Handler Reduce(ReduceFunction function, int axesAreInput) => (node, builder) =>
    {
        Value x = node.Input(0);
        if (x.Quantization is not null && function is not (ReduceFunction.Max or ReduceFunction.Min))
        {
            throw node.Unsupported($"it computes with the integers of the quantized tensor '{x.Name}'");
        }

        int rank = x.Shape.Rank;
        long[]? stated = node.Opset >= axesAreInput ? builder.OptionalInt64s(node, 1) : node.Ints("axes");
        if (stated is null or [])
        {
            if (node.Flag("noop_with_empty_axes"))
            {
                return [builder.Emit(node, new Identity(), TensorType.Like(x), x)];
            }

            stated = [.. Enumerable.Range(0, rank).Select(i => (long)i)];
        }

        int[] axes = node.Axes(stated, rank);
        bool keep = node.Flag("keepdims", true);
        return [builder.Emit(node, new Reduce(function, axes, keep), TensorType.Like(x, Reduced(x.Shape, axes, keep)), x)];
    };

    public static Handler Arg(bool smallest) => (node, builder) =>
    {
        Value x = node.Input(0);
        int axis = node.Axis(node.Int("axis", 0), x.Shape.Rank);
        if (x.Shape[axis] == 0)
        {
            throw node.Fault($"its input {x.Shape} is empty");
        }

        bool keep = node.Flag("keepdims", true);
        var type = new TensorType(ElementType.Int64, Reduced(x.Shape, [axis], keep));
        return [builder.Emit(node, new ArgMax(axis, keep, node.Flag("select_last_index"), smallest), type, x)];
    };

    private static Shape Reduced(Shape shape, int[] axes, bool keep) =>
        new([.. shape.Select((d, i) => (Extent: axes.Contains(i) ? 1 : d, Kept: keep || !axes.Contains(i))).Where(d => d.Kept).Select(d => d.Extent)]);
}
