namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>
/// Scales and zero points of the file, and values that carry them. Unsigned tensors become int8: both their integers and their
/// zero point are lowered by 128, so the reals stay as they are.
/// </summary>
internal static class QuantizedTensors
{
    private const int UnsignedOffset = 128;

    /// <summary>Parameters as our int8 (or int32) tensors have them.</summary>
    /// <param name="zeroPointIndex">Input with the zero point; may be left out.</param>
    /// <param name="axis">The dimension that several scales run along.</param>
    /// <param name="type">The file's type where the zero point does not say it.</param>
    /// <exception cref="InputException">A scale is not a positive number, or the counts differ.</exception>
    public static (QuantizationParameters Parameters, ElementType FileType) Parameters(
        OnnxNode node, OnnxGraphBuilder builder, int scaleIndex, int zeroPointIndex, int axis, ElementType type)
    {
        Tensor scale = builder.RequireConstant(node, scaleIndex);
        Tensor? zero = node.OptionalInput(zeroPointIndex) is null ? null : builder.RequireConstant(node, zeroPointIndex);
        if (scale.Shape.Rank > 1 || node.Int("block_size", 0) != 0)
        {
            throw node.Unsupported("scales of blocks within a channel are not supported");
        }

        ElementType fileType = zero?.Type ?? type;
        if (fileType is not (ElementType.Int8 or ElementType.UInt8 or ElementType.Int16 or ElementType.Int32))
        {
            throw node.Unsupported($"quantization to {fileType} is not supported");
        }

        float[] scales = scale.ToFloats();
        int[] zeros = zero?.ToInt32s() ?? new int[scales.Length];
        if (scales.Length == 0 || zeros.Length != scales.Length || !Array.TrueForAll(scales, s => s > 0 && float.IsFinite(s)))
        {
            throw node.Fault("its scales must be positive numbers, with as many zero points");
        }

        int offset = fileType == ElementType.UInt8 ? UnsignedOffset : 0;
        return (new QuantizationParameters(scales, Array.ConvertAll(zeros, z => z - offset), axis), fileType);
    }

    /// <summary>What we store the file's type as.</summary>
    public static ElementType Stored(ElementType fileType) => fileType == ElementType.UInt8 ? ElementType.Int8 : fileType;

    /// <summary>Integers of the file as ours: uint8 as int8.</summary>
    public static Tensor Signed(Tensor tensor) => tensor.Type == ElementType.UInt8
        ? new Tensor(tensor.Shape, Array.ConvertAll((byte[])tensor.Data, b => (sbyte)(b - UnsignedOffset))) : tensor;

    /// <summary>A constant of the file's integers with their parameters.</summary>
    public static Value Constant(OnnxNode node, OnnxGraphBuilder builder, Tensor integers, QuantizationParameters parameters)
    {
        bool fits = parameters.IsPerTensor || (parameters.Axis < integers.Shape.Rank && integers.Shape[parameters.Axis] == parameters.Scales.Length);
        return fits ? builder.Constant(node, Signed(integers), parameters)
            : throw node.Fault($"{parameters.Scales.Length} scales do not fit dimension {parameters.Axis} of {integers.Shape}");
    }

    /// <summary>Input <paramref name="index"/> as a value with the parameters that follow it (scale, zero point).</summary>
    public static Value Read(OnnxNode node, OnnxGraphBuilder builder, int index) => Read(node, builder, index, index + 1, index + 2);

    public static Value Read(OnnxNode node, OnnxGraphBuilder builder, int index, int scaleIndex, int zeroPointIndex)
    {
        Value x = node.Input(index);
        (QuantizationParameters parameters, ElementType fileType) = Parameters(node, builder, scaleIndex, zeroPointIndex, 0, x.Type);
        if (!parameters.IsPerTensor)
        {
            throw node.Unsupported($"'{x.Name}' has a scale for each channel; activations can have one");
        }

        if (parameters.Equals(x.Quantization))
        {
            return x;
        }

        if (x.Quantization is not null)
        {
            throw node.Unsupported($"it reads '{x.Name}' with other parameters than it was quantized with");
        }

        if (x.Type != fileType || fileType == ElementType.Int32)
        {
            throw node.Fault($"'{x.Name}' is of type {x.Type}, its zero point of type {fileType}");
        }

        if (x.Constant is { } constant)
        {
            return Constant(node, builder, constant, parameters);
        }

        if (builder.IsInput(x) && !builder.Graph.Nodes.Exists(n => n.Inputs.Contains(x)))
        {
            // The graph's own input: from now on it takes the reals that its integers stood for.
            x.Type = Stored(fileType);
            x.Quantization = parameters;
            return x;
        }

        // Integers that some other operator made: (x - zero point) * scale, computed and rounded again.
        int zeroPoint = parameters.ZeroPoint + (fileType == ElementType.UInt8 ? UnsignedOffset : 0);
        Value reals = builder.Emit(node, new Cast(), new TensorType(ElementType.Float32, x.Shape), x);
        reals = ElementwiseOperators.Combine(node, builder, BinaryFunction.Sub, reals, builder.Scalar(node, zeroPoint));
        reals = ElementwiseOperators.Combine(node, builder, BinaryFunction.Mul, reals, builder.Scalar(node, parameters.Scale));
        return builder.Emit(node, new Quantize(), new TensorType(Stored(fileType), x.Shape, parameters), reals);
    }

    /// <summary>Type of a result whose scale and zero point are inputs; its shape is still to be filled in.</summary>
    public static TensorType Result(OnnxNode node, OnnxGraphBuilder builder, int scaleIndex, int zeroPointIndex, ElementType type)
    {
        (QuantizationParameters parameters, ElementType fileType) = Parameters(node, builder, scaleIndex, zeroPointIndex, 0, type);
        return parameters.IsPerTensor && Stored(fileType) == ElementType.Int8 ? new TensorType(ElementType.Int8, Shape.Scalar, parameters)
            : throw node.Unsupported("its result is not of 8 bits with one scale");
    }
}
