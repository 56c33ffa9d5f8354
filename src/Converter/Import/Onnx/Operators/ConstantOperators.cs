namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Schema;

/// <summary>Operators that make constants, and those of shape arithmetic that exist for constants only.</summary>
internal static class ConstantOperators
{
    public static Value Constant(OnnxNode node, OnnxGraphBuilder builder)
    {
        if (node.Tensor("value") is { } proto)
        {
            Tensor tensor = new OnnxTensorReader(null).Read(proto, node.Name);
            OnnxTensorReader.CheckFinite(tensor, node.Name);
            return builder.Constant(node, tensor);
        }

        if (node.Has("value_float"))
        {
            return builder.Constant(node, Tensor.Scalar(node.Float("value_float", 0)));
        }

        if (node.Has("value_int"))
        {
            return builder.Constant(node, new Tensor(Shape.Scalar, new[] { node.Int("value_int", 0) }));
        }

        if (node.Ints("value_ints") is { } ints)
        {
            return builder.Constant(node, new Tensor(new Shape(ints.Length), ints));
        }

        if (node.Floats("value_floats") is { } floats)
        {
            return builder.Constant(node, new Tensor(new Shape(floats.Length), floats));
        }

        throw node.Unsupported("only constants of numbers are supported");
    }

    public static Value ConstantOfShape(OnnxNode node, OnnxGraphBuilder builder)
    {
        long[] wanted = builder.OptionalInt64s(node, 0) ?? throw node.Fault("its shape is missing");
        Shape shape = OnnxGraphBuilder.CheckedShape(node, wanted);
        builder.Spend(node, shape.ElementCount);
        Tensor value = node.Tensor("value") is { } proto ? new OnnxTensorReader(null).Read(proto, node.Name) : Tensor.Scalar(0);
        return value.Shape.ElementCount == 1 ? builder.Constant(node, ConstantEvaluator.Broadcast(value.Reshape(Shape.Scalar), shape))
            : throw node.Fault("its value must be one number");
    }

    public static Value ShapeOf(OnnxNode node, OnnxGraphBuilder builder)
    {
        Shape shape = node.Input(0).Shape;
        int start = Bound(node.Int("start", 0), shape.Rank);
        int end = Bound(node.Int("end", shape.Rank), shape.Rank);
        return Longs(node, builder, [.. shape.Take(end).Skip(start).Select(d => (long)d)]);
    }

    public static Value Size(OnnxNode node, OnnxGraphBuilder builder) =>
        builder.Constant(node, new Tensor(Shape.Scalar, new[] { (long)node.Input(0).Shape.ElementCount }));

    public static Value Range(OnnxNode node, OnnxGraphBuilder builder)
    {
        Tensor[] inputs = [.. Enumerable.Range(0, 3).Select(i => builder.RequireConstant(node, i))];
        if (Array.Exists(inputs, i => i.Shape.ElementCount != 1 || i.Type != inputs[0].Type))
        {
            throw node.Fault("its start, limit and delta must be one number each, of one type");
        }

        double[] v = Array.ConvertAll(inputs, i => Convert.ToDouble(i.Data.GetValue(0)));
        double count = v[2] == 0 ? double.PositiveInfinity : Math.Max(0, Math.Ceiling((v[1] - v[0]) / v[2]));
        Shape shape = OnnxGraphBuilder.CheckedShape(node, count <= OnnxGraphBuilder.MaxElements ? (long)count : long.MaxValue);
        builder.Spend(node, shape.ElementCount);
        Tensor tensor = inputs[0].Type == ElementType.Float32
            ? new Tensor(shape, Enumerable.Range(0, shape.ElementCount).Select(i => (float)(v[0] + (i * v[2]))).ToArray())
            : ConstantEvaluator.FromInt64s(shape, [.. Enumerable.Range(0, shape.ElementCount).Select(i => (long)v[0] + (i * (long)v[2]))], inputs[0].Type);
        return builder.Constant(node, tensor);
    }

    /// <summary>Equal, Less, Greater and so on: only of constants.</summary>
    public static Handler Compare(Func<double, double, bool> relation) => (node, builder) =>
    {
        Tensor a = builder.RequireConstant(node, 0);
        Tensor b = builder.RequireConstant(node, 1);
        Shape shape = OnnxGraphBuilder.BroadcastShape(node, a.Shape, b.Shape);
        builder.Spend(node, 3L * shape.ElementCount);
        float[] x = ConstantEvaluator.Broadcast(a, shape).ToFloats();
        float[] y = ConstantEvaluator.Broadcast(b, shape).ToFloats();
        return [builder.Constant(node, new Tensor(shape, x.Select((v, i) => relation(v, y[i])).ToArray()))];
    };

    public static Value Not(OnnxNode node, OnnxGraphBuilder builder) =>
        builder.RequireConstant(node, 0) is { Data: bool[] values } x ? builder.Constant(node, new Tensor(x.Shape, Array.ConvertAll(values, v => !v)))
        : throw node.Fault("its input must be of type bool");

    public static Value Where(OnnxNode node, OnnxGraphBuilder builder)
    {
        Tensor[] inputs = [.. Enumerable.Range(0, 3).Select(i => builder.RequireConstant(node, i))];
        if (inputs[0].Type != ElementType.Bool || inputs[1].Type != inputs[2].Type)
        {
            throw node.Fault("its inputs are of types that do not fit");
        }

        Shape shape = OnnxGraphBuilder.BroadcastShape(node, inputs[0].Shape, OnnxGraphBuilder.BroadcastShape(node, inputs[1].Shape, inputs[2].Shape));
        builder.Spend(node, 3L * shape.ElementCount);
        var condition = (bool[])ConstantEvaluator.Broadcast(inputs[0], shape).Data;
        Tensor result = ConstantEvaluator.Broadcast(inputs[1], shape);
        Tensor otherwise = ConstantEvaluator.Broadcast(inputs[2], shape);
        for (int i = 0; i < condition.Length; i++)
        {
            if (!condition[i])
            {
                Array.Copy(otherwise.Data, i, result.Data, i, 1);
            }
        }

        return builder.Constant(node, result);
    }

    private static int Bound(long at, int rank) => (int)Math.Clamp(at < 0 ? at + rank : at, 0, rank);

    private static Value Longs(OnnxNode node, OnnxGraphBuilder builder, long[] values) =>
        builder.Constant(node, new Tensor(new Shape(values.Length), values));
}
