using TinyInference.Converter.Execution;

namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>Constant operands of convolutions and matrix products: float, or integers with quantization.</summary>
internal static class Weights
{
    /// <summary>Input <paramref name="index"/> as a constant of <paramref name="rank"/> dimensions: float32, or symmetric int8.</summary>
    /// <param name="channelAxis">The dimension of output channels; scales along another make the weights float.</param>
    public static Value Read(OnnxNode node, OnnxGraphBuilder builder, int index, int rank, int channelAxis)
    {
        Tensor tensor = builder.RequireConstant(node, index);
        if (tensor.Shape.Rank != rank)
        {
            throw node.Fault($"weights '{node.InputNames[index]}' have the shape {tensor.Shape}; {rank} dimensions are needed");
        }

        Value value = node.Input(index);
        if (value is { IsConstant: true, Quantization: not null })
        {
            bool alongChannels = value.Quantization.IsPerTensor || value.Quantization.Axis == channelAxis;
            return tensor.Type == ElementType.Int8 && alongChannels ? QuantizedConstants.Symmetric(node, builder, value)
                : builder.Constant(node, FakeQuantization.Dequantize(tensor, value.Quantization));
        }

        return tensor.Type == ElementType.Float32 ? (value.IsConstant ? value : builder.Constant(node, tensor))
            : throw node.Fault($"weights '{node.InputNames[index]}' are of type {tensor.Type}; float is needed");
    }

    /// <summary>
    /// The bias, [<paramref name="channels"/>], or null: float32, or int32 with quantization where the weights are integers.
    /// </summary>
    public static Value? ReadBias(OnnxNode node, OnnxGraphBuilder builder, int index, int channels, Value weights)
    {
        if (node.OptionalInput(index) is not { } value)
        {
            return null;
        }

        Tensor tensor = builder.RequireConstant(node, index);
        if (!tensor.Shape.Equals(new Shape(channels)))
        {
            throw node.Fault($"bias '{node.InputNames[index]}' has the shape {tensor.Shape}; {channels} elements are needed");
        }

        if (value is { IsConstant: true, Quantization: not null })
        {
            return tensor.Type == ElementType.Int32 && weights.Type == ElementType.Int8 ? value
                : builder.Constant(node, FakeQuantization.Dequantize(tensor, value.Quantization));
        }

        return tensor.Type == ElementType.Float32 ? (value.IsConstant ? value : builder.Constant(node, tensor))
            : throw node.Fault($"bias '{node.InputNames[index]}' is of type {tensor.Type}; float is needed");
    }
}
