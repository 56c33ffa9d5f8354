namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>BatchNormalization, LayerNormalization and Softmax.</summary>
internal static class NormalizationOperators
{
    public static Value BatchNormalization(OnnxNode node, OnnxGraphBuilder builder)
    {
        if (node.Flag("training_mode"))
        {
            throw node.Unsupported("it is in training mode; export the model for inference");
        }

        Value x = node.Reals(0);
        if (x.Shape.Rank < 2)
        {
            throw node.Fault($"its input {x.Shape} has no channels");
        }

        var parameters = new Value[4];
        for (int i = 0; i < 4; i++)
        {
            Tensor tensor = builder.RequireConstant(node, i + 1);
            if (tensor.Type != ElementType.Float32 || !tensor.Shape.Equals(new Shape(x.Shape[1])))
            {
                throw node.Fault($"its input '{node.InputNames[i + 1]}' has the shape {tensor.Shape}; {x.Shape[1]} floats are needed");
            }

            parameters[i] = builder.Constant(node, tensor);
        }

        Value last = builder.ChannelsLast(node, x);
        Value y = builder.Emit(node, new BatchNorm(node.Float("epsilon", 1e-5f)), TensorType.Like(last), [last, .. parameters]);
        return builder.ChannelsFirst(node, y);
    }

    /// <summary>Over all dimensions from the axis on; they become one where they are several.</summary>
    public static Value LayerNormalization(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Reals(0);
        int axis = node.Axis(node.Int("axis", -1), x.Shape.Rank);
        if (node.Int("stash_type", 1) != 1)
        {
            throw node.Unsupported("its mean and variance are not computed in 32 bits");
        }

        int width = x.Shape.Skip(axis).Aggregate(1, (a, b) => a * b);
        Value scale = Parameter(node, builder, 1, width);
        Value bias = node.OptionalInput(2) is null
            ? builder.Constant(node, new Tensor(new Shape(width), new float[width]))
            : Parameter(node, builder, 2, width);
        bool isFlat = axis == x.Shape.Rank - 1;
        Value rows = isFlat ? x : builder.Reshape(node, x, OnnxGraphBuilder.CheckedShape(node, width == 0 ? 0 : x.Shape.ElementCount / width, width));
        Value y = builder.Emit(node, new LayerNorm(node.Float("epsilon", 1e-5f), Clamp.None), TensorType.Like(rows), [rows, scale, bias]);
        return isFlat ? y : builder.Reshape(node, y, x.Shape);
    }

    private static Value Parameter(OnnxNode node, OnnxGraphBuilder builder, int index, int width)
    {
        Tensor tensor = builder.RequireConstant(node, index);
        return tensor.Type == ElementType.Float32 && tensor.Shape.ElementCount == width
            ? builder.Constant(node, new Tensor(new Shape(width), tensor.Floats))
            : throw node.Fault($"its input '{node.InputNames[index]}' has the shape {tensor.Shape}; {width} floats are needed");
    }

    public static Handler Softmax(bool log) => (node, builder) =>
    {
        Value x = node.Reals(0);
        int rank = x.Shape.Rank;
        bool old = node.Opset < 13;
        int axis = node.Axis(node.Int("axis", old ? 1 : -1), rank, inclusive: old);
        if (!old || axis == rank - 1)
        {
            return [builder.Emit(node, new Softmax(axis, 1, log), TensorType.Like(x), x)];
        }

        // Before opset 13: over all dimensions from the axis on.
        int outer = x.Shape.Take(axis).Aggregate(1, (a, b) => a * b);
        Shape flat = OnnxGraphBuilder.CheckedShape(node, outer, outer == 0 ? 0 : x.Shape.ElementCount / outer);
        Value matrix = builder.Reshape(node, x, flat);
        Value y = builder.Emit(node, new Softmax(1, 1, log), TensorType.Like(matrix), matrix);
        return [builder.Reshape(node, y, x.Shape)];
    };
}
