namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>QuantizeLinear and DequantizeLinear.</summary>
internal static class QuantizationOperators
{
    public static Value QuantizeLinear(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        if (x.Type != ElementType.Float32 || x.Quantization is not null)
        {
            throw node.Unsupported($"its input is of type {x.Type}");
        }

        ElementType type = node.Int("output_dtype", 0) switch
        {
            0 or 2 => ElementType.UInt8,
            3 => ElementType.Int8,
            5 => ElementType.Int16,
            long other => throw node.Unsupported($"it quantizes to {OnnxTensorReader.NameOf((int)Math.Clamp(other, 0, 1000))}"),
        };
        (QuantizationParameters parameters, ElementType fileType) = QuantizedTensors.Parameters(node, builder, 1, 2, 0, type);
        if (fileType == ElementType.Int32)
        {
            throw node.Fault("its zero point is of type Int32");
        }

        if (!parameters.IsPerTensor)
        {
            parameters = parameters with { Axis = node.Axis(node.Int("axis", 1), x.Shape.Rank) };
        }

        if (x.Constant is { } constant)
        {
            return builder.Constant(node, Round(node, constant, parameters, fileType));
        }

        return parameters.IsPerTensor ? builder.Emit(node, new Quantize(), new TensorType(QuantizedTensors.Stored(fileType), x.Shape, parameters), x)
            : throw node.Unsupported("it gives an activation a scale for each channel; activations can have one");
    }

    public static Value DequantizeLinear(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        (QuantizationParameters parameters, ElementType fileType) = QuantizedTensors.Parameters(node, builder, 1, 2, 0, x.Type);
        if (!parameters.IsPerTensor)
        {
            parameters = parameters with { Axis = node.Axis(node.Int("axis", 1), x.Shape.Rank) };
        }

        if (x.IsConstant || !parameters.IsPerTensor || fileType == ElementType.Int32)
        {
            Tensor integers = builder.RequireConstant(node, 0);
            return integers.Type == fileType ? QuantizedTensors.Constant(node, builder, integers, parameters)
                : throw node.Fault($"'{x.Name}' is of type {integers.Type}, its zero point of type {fileType}");
        }

        Value quantized = QuantizedTensors.Read(node, builder, 0);
        return builder.Emit(node, new Dequantize(), new TensorType(ElementType.Float32, x.Shape), quantized);
    }

    /// <summary>The file's integers for constant reals, halves rounded to even.</summary>
    private static Tensor Round(OnnxNode node, Tensor reals, QuantizationParameters parameters, ElementType fileType)
    {
        if (!parameters.IsPerTensor && reals.Shape[parameters.Axis] != parameters.Scales.Length)
        {
            throw node.Fault($"{parameters.Scales.Length} scales do not fit dimension {parameters.Axis} of {reals.Shape}");
        }

        int inner = parameters.IsPerTensor ? Math.Max(1, reals.Shape.ElementCount) : Math.Max(1, reals.Shape.Strides()[parameters.Axis]);
        int offset = fileType == ElementType.UInt8 ? sbyte.MaxValue + 1 : 0;
        var integers = new long[reals.Shape.ElementCount];
        for (int i = 0; i < integers.Length; i++)
        {
            int channel = i / inner % parameters.Scales.Length;
            float q = MathF.Round(reals.Floats[i] / parameters.Scales[channel]) + parameters.ZeroPoints[channel];
            (int min, int max) = fileType == ElementType.Int16 ? (short.MinValue, short.MaxValue) : ((int)sbyte.MinValue, (int)sbyte.MaxValue);
            integers[i] = (long)Math.Clamp(q, min, max) + offset;
        }

        return ConstantEvaluator.FromInt64s(reals.Shape, integers, fileType);
    }
}
