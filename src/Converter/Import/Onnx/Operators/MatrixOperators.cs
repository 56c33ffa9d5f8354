using TinyInference.Converter.Execution;

namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>Gemm and MatMul: FullyConnected where the right operand is constant.</summary>
internal static class MatrixOperators
{
    public static Value Gemm(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value a = Matrix(node, builder, 0);
        a = node.Flag("transA") ? builder.Transpose(node, a, 1, 0) : a;
        float alpha = node.Float("alpha", 1);
        float beta = node.Float("beta", 1);
        bool transposed = node.Flag("transB");
        Value y;
        Value? rest = beta == 0 ? null : node.OptionalInput(2);
        if (builder.TryConstant(node.Input(1)) is not null)
        {
            // FullyConnected wants [N,K].
            Value weights = Weights.Read(node, builder, 1, 2, channelAxis: transposed ? 0 : 1);
            weights = Scaled(node, builder, transposed ? weights : builder.Transpose(node, weights, 1, 0), alpha);
            Value? bias = Bias(node, builder, rest, weights.Shape[0], beta, weights);
            rest = bias is null ? rest : null;
            y = FullyConnect(node, builder, a, weights, bias, null);
        }
        else
        {
            Value b = Matrix(node, builder, 1);
            b = transposed ? builder.Transpose(node, b, 1, 0) : b;
            y = Multiply(node, builder, a, b, new TensorType(ElementType.Float32, Shape.Scalar));
            y = alpha == 1 ? y : ElementwiseOperators.Combine(node, builder, BinaryFunction.Mul, y, builder.Scalar(node, alpha));
        }

        if (rest is null)
        {
            return y;
        }

        rest = beta == 1 ? rest : ElementwiseOperators.Combine(node, builder, BinaryFunction.Mul, Floats(node, builder, rest), builder.Scalar(node, beta));
        Value sum = ElementwiseOperators.Combine(node, builder, BinaryFunction.Add, y, Floats(node, builder, rest));
        return sum.Shape.Equals(y.Shape) ? sum : throw node.Fault($"its input C {rest.Shape} does not fit the result {y.Shape}");
    }

    public static Value MatMul(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value a = node.Input(0);
        Value b = node.Input(1);
        if (a.Shape.Rank == 0 || b.Shape.Rank == 0)
        {
            throw node.Fault($"it cannot multiply {a.Shape} and {b.Shape}");
        }

        if (b.IsConstant && b.Shape.Rank == 2)
        {
            Value weights = builder.Transpose(node, Weights.Read(node, builder, 1, 2, channelAxis: 1), 1, 0);
            return FullyConnect(node, builder, Reals(node, builder, 0), weights, null, null);
        }

        return Multiply(node, builder, Reals(node, builder, 0), Reals(node, builder, 1), new TensorType(ElementType.Float32, Shape.Scalar));
    }

    /// <summary>a [...,K], weights [O,K] to [...,O].</summary>
    /// <param name="result">Quantization of an int8 result; null for float.</param>
    public static Value FullyConnect(OnnxNode node, OnnxGraphBuilder builder, Value a, Value weights, Value? bias, QuantizationParameters? result)
    {
        if (a.Shape.Rank == 0 || a.Shape[-1] != weights.Shape[1])
        {
            throw node.Fault($"its operands {a.Shape} and {weights.Shape[1]}x{weights.Shape[0]} do not fit");
        }

        return builder.Emit(node, new FullyConnected(Clamp.None),
            new TensorType(result is null ? ElementType.Float32 : ElementType.Int8, a.Shape.With(-1, weights.Shape[0]), result), a, weights, bias);
    }

    /// <summary>The matrix product as NumPy's matmul defines it; one-dimensional operands too.</summary>
    /// <param name="result">Element type and quantization of the result.</param>
    public static Value Multiply(OnnxNode node, OnnxGraphBuilder builder, Value a, Value b, TensorType result)
    {
        bool row = a.Shape.Rank == 1;
        bool column = b.Shape.Rank == 1;
        a = row ? builder.Reshape(node, a, new Shape(1, a.Shape[0])) : a;
        b = column ? builder.Reshape(node, b, new Shape(b.Shape[0], 1)) : b;
        if (a.Shape[-1] != b.Shape[-2])
        {
            throw node.Fault($"its operands {a.Shape} and {b.Shape} do not fit");
        }

        Shape outer = OnnxGraphBuilder.BroadcastShape(node, new Shape(a.Shape.AsSpan()[..^2]), new Shape(b.Shape.AsSpan()[..^2]));
        Shape shape = OnnxGraphBuilder.CheckedShape(node, [.. outer, a.Shape[-2], b.Shape[-1]]);
        Value y = builder.Emit(node, new MatMul(), result with { Shape = shape }, a, b);
        if (!row && !column)
        {
            return y;
        }

        int[] kept = [.. outer, .. row ? [] : new[] { a.Shape[-2] }, .. column ? [] : new[] { b.Shape[-1] }];
        return builder.Reshape(node, y, new Shape(kept));
    }

    private static Value Matrix(OnnxNode node, OnnxGraphBuilder builder, int index) => Reals(node, builder, index) is { Shape.Rank: 2 } matrix ? matrix
        : throw node.Fault($"its input '{node.InputNames[index]}' has the shape {node.Input(index).Shape}; a matrix is needed");

    private static Value Reals(OnnxNode node, OnnxGraphBuilder builder, int index) =>
        OnnxGraphBuilder.IsDequantizedConstant(node.Input(index)) ? Floats(node, builder, node.Input(index)) : node.Reals(index);

    private static Value Scaled(OnnxNode node, OnnxGraphBuilder builder, Value weights, float factor)
    {
        if (factor == 1)
        {
            return weights;
        }

        if (weights.Quantization is { } q && factor > 0)
        {
            return builder.Constant(node, weights.Constant!, q with { Scales = Array.ConvertAll(q.Scales, s => s * factor) });
        }

        float[] reals = Floats(node, builder, weights).Constant!.Floats;
        return builder.Constant(node, new Tensor(weights.Shape, Array.ConvertAll(reals, r => r * factor)));
    }

    /// <summary>Input C times beta as the bias [<paramref name="channels"/>], or null where it differs between rows or is not constant.</summary>
    private static Value? Bias(OnnxNode node, OnnxGraphBuilder builder, Value? c, int channels, float beta, Value weights)
    {
        if (c is null || builder.TryConstant(c) is not { } tensor)
        {
            return null;
        }

        bool fits = tensor.Shape.Rank <= 2 && (tensor.Shape.Rank < 2 || tensor.Shape[0] == 1)
            && (tensor.Shape.ElementCount == 1 || tensor.Shape.ElementCount == channels);
        if (!fits)
        {
            return null;
        }

        QuantizationParameters? q = c.IsConstant ? c.Quantization : null;
        if (q is not null && beta == 1 && tensor.Type == ElementType.Int32 && weights.Type == ElementType.Int8 && tensor.Shape.ElementCount == channels)
        {
            return builder.Constant(node, tensor.Reshape(new Shape(channels)), q with { Axis = 0 });
        }

        float[] reals = (q is null ? tensor : FakeQuantization.Dequantize(tensor, q)).ToFloats();
        var bias = new float[channels];
        for (int i = 0; i < channels; i++)
        {
            bias[i] = beta * reals[reals.Length == 1 ? 0 : i];
        }

        return builder.Constant(node, new Tensor(new Shape(channels), bias));
    }

    private static Value Floats(OnnxNode node, OnnxGraphBuilder builder, Value value) => OnnxGraphBuilder.IsDequantizedConstant(value)
        ? builder.Constant(node, FakeQuantization.Dequantize(value.Constant!, value.Quantization!)) : value;
}
