using TinyInference.Converter.Execution;

namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>Operators on quantized tensors, each with its scales and zero points as inputs: QLinear* and QGemm.</summary>
internal static class QLinearOperators
{
    /// <summary>x, its scale, its zero point, w and its two, those of y, bias.</summary>
    public static Value Conv(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = QuantizedTensors.Read(node, builder, 0);
        TensorType result = QuantizedTensors.Result(node, builder, 6, 7, ElementType.UInt8);
        Value weights = ReadWeights(node, builder, 3, axis: 0, out Value stated);
        if (weights.Shape.Rank != x.Shape.Rank)
        {
            throw node.Fault($"weights {weights.Shape} do not fit the input {x.Shape}");
        }

        Value? bias = ReadBias(node, builder, 8, x, weights, stated);
        return ConvolutionOperators.Convolve(node, builder, x, weights, bias, result.Quantization);
    }

    /// <summary>a, its scale, its zero point, b and its two, those of y.</summary>
    public static Value MatMul(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value a = QuantizedTensors.Read(node, builder, 0);
        Value b = node.Input(3);
        TensorType result = QuantizedTensors.Result(node, builder, 6, 7, ElementType.UInt8);
        if (a.Shape.Rank == 0 || b.Shape.Rank == 0)
        {
            throw node.Fault($"it cannot multiply {a.Shape} and {b.Shape}");
        }

        if (b.IsConstant && b.Shape.Rank == 2)
        {
            Value weights = builder.Transpose(node, ReadWeights(node, builder, 3, axis: 1, out _), 1, 0);
            return MatrixOperators.FullyConnect(node, builder, a, weights, null, result.Quantization);
        }

        return MatrixOperators.Multiply(node, builder, a, QuantizedTensors.Read(node, builder, 3), result);
    }

    /// <summary>com.microsoft: a, its scale, its zero point, b and its two, c (int32), scale and zero point of y; these last three may be left out.</summary>
    public static Value Gemm(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value a = QuantizedTensors.Read(node, builder, 0);
        bool transposed = node.Flag("transB");
        Value weights = ReadWeights(node, builder, 3, axis: transposed ? 0 : 1, out Value stated);
        if (a.Shape.Rank != 2 || weights.Shape.Rank != 2 || node.Float("alpha", 1) != 1)
        {
            throw node.Unsupported("only matrices with alpha 1 are supported");
        }

        a = node.Flag("transA") ? builder.Transpose(node, a, 1, 0) : a;
        weights = transposed ? weights : builder.Transpose(node, weights, 1, 0);
        Value? bias = ReadBias(node, builder, 6, a, weights, stated);
        QuantizationParameters? result = node.OptionalInput(7) is null ? null : QuantizedTensors.Result(node, builder, 7, 8, ElementType.UInt8).Quantization;
        return MatrixOperators.FullyConnect(node, builder, a, weights, bias, result);
    }

    /// <summary>com.microsoft QLinearAdd, QLinearMul: a, its scale, its zero point, b and its two, those of the result.</summary>
    public static Handler Two(BinaryFunction function) => (node, builder) =>
    {
        Value a = QuantizedTensors.Read(node, builder, 0);
        Value b = QuantizedTensors.Read(node, builder, 3);
        TensorType result = QuantizedTensors.Result(node, builder, 6, 7, node.Input(0).Type);
        result = result with { Shape = OnnxGraphBuilder.BroadcastShape(node, a.Shape, b.Shape) };
        return [builder.Emit(node, new Binary(function, Clamp.None), result, a, b)];
    };

    /// <summary>com.microsoft QLinearSigmoid, QLinearLeakyRelu: x, its scale, its zero point, those of y.</summary>
    public static Handler One(UnaryFunction function) => (node, builder) =>
    {
        (Value x, TensorType result) = InAndOut(node, builder);
        return [builder.Emit(node, new Unary(function, node.Float("alpha", 0.01f)), result with { Shape = x.Shape }, x)];
    };

    public static Value GlobalAveragePool(OnnxNode node, OnnxGraphBuilder builder)
    {
        (Value x, TensorType result) = InAndOut(node, builder);
        RefuseChannelsLast(node);
        return PoolOperators.Global(node, builder, x, PoolFunction.Average, result);
    }

    public static Value AveragePool(OnnxNode node, OnnxGraphBuilder builder)
    {
        (Value x, TensorType result) = InAndOut(node, builder);
        RefuseChannelsLast(node);
        return PoolOperators.Average(node, builder, x, result);
    }

    public static Value Softmax(OnnxNode node, OnnxGraphBuilder builder)
    {
        (Value x, TensorType result) = InAndOut(node, builder);
        int axis = node.Axis(node.Int("axis", -1), x.Shape.Rank);
        return axis == x.Shape.Rank - 1 || node.Int("opset", 13) >= 13
            ? builder.Emit(node, new Softmax(axis, 1), result with { Shape = x.Shape }, x)
            : throw node.Unsupported("its axis is not the last");
    }

    /// <summary>com.microsoft QLinearConcat: scale and zero point of the result, then each part with its own.</summary>
    public static Value Concat(OnnxNode node, OnnxGraphBuilder builder)
    {
        int count = (node.Inputs.Length - 2) / 3;
        if (count < 1)
        {
            throw node.Fault("its inputs are missing");
        }

        TensorType result = QuantizedTensors.Result(node, builder, 0, 1, ElementType.UInt8);
        Value[] parts = [.. Enumerable.Range(0, count).Select(i => QuantizedTensors.Read(node, builder, 2 + (3 * i)))];
        return LayoutOperators.Join(node, builder, parts, node.Int("axis", 0), result);
    }

    private static (Value X, TensorType Result) InAndOut(OnnxNode node, OnnxGraphBuilder builder)
    {
        ElementType type = node.Input(0).Type;
        Value x = QuantizedTensors.Read(node, builder, 0);
        return (x, QuantizedTensors.Result(node, builder, 3, 4, type));
    }

    private static void RefuseChannelsLast(OnnxNode node)
    {
        if (node.Flag("channels_last"))
        {
            throw node.Unsupported("channels_last is not supported");
        }
    }

    /// <summary>Constant weights with scale and zero point after them, symmetric.</summary>
    /// <param name="stated">The same as the file has them.</param>
    private static Value ReadWeights(OnnxNode node, OnnxGraphBuilder builder, int index, int axis, out Value stated)
    {
        Tensor integers = builder.RequireConstant(node, index);
        (QuantizationParameters parameters, ElementType fileType) = QuantizedTensors.Parameters(node, builder, index + 1, index + 2, axis, integers.Type);
        if (integers.Type != fileType || fileType == ElementType.Int32)
        {
            throw node.Fault($"weights '{node.InputNames[index]}' are of type {integers.Type}, their zero point of type {fileType}");
        }

        stated = QuantizedTensors.Constant(node, builder, integers, parameters);
        return QuantizedConstants.Symmetric(node, builder, stated);
    }

    /// <summary>int32 integers of scale x * weights; as floats where the weights were rounded anew.</summary>
    private static Value? ReadBias(OnnxNode node, OnnxGraphBuilder builder, int index, Value x, Value weights, Value stated)
    {
        if (node.OptionalInput(index) is null)
        {
            return null;
        }

        Tensor tensor = builder.RequireConstant(node, index);
        QuantizationParameters q = stated.Quantization!;
        int channels = weights.Shape[0];
        if (tensor.Type != ElementType.Int32 || tensor.Shape.ElementCount != channels)
        {
            throw node.Fault($"bias '{node.InputNames[index]}' must be {channels} integers of type int32");
        }

        tensor = tensor.Reshape(new Shape(channels));
        var parameters = new QuantizationParameters(Array.ConvertAll(q.Scales, s => s * x.Quantization!.Scale), new int[q.Scales.Length]);
        return Array.TrueForAll(q.ZeroPoints, z => z == 0) ? builder.Constant(node, tensor, parameters)
            : builder.Constant(node, FakeQuantization.Dequantize(tensor, parameters));
    }
}
