using TinyInference.Converter.Execution;

namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>Conv and ConvTranspose: N,C,H,W in the file, N,H,W,C here; one spatial dimension becomes a width with height 1.</summary>
internal static class ConvolutionOperators
{
    public static Value Conv(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Reals(0);
        int dims = Windows.SpatialRank(node, x.Shape);
        Value weights = Weights.Read(node, builder, 1, dims + 2, channelAxis: 0);
        Value? bias = Weights.ReadBias(node, builder, 2, weights.Shape[0], weights);
        return Convolve(node, builder, x, weights, bias, result: null);
    }

    /// <summary>The convolution of <paramref name="x"/> (as in the file) with constant <paramref name="weights"/> [O,C/group,spatial...].</summary>
    /// <param name="result">Quantization of an int8 result; null for float.</param>
    public static Value Convolve(OnnxNode node, OnnxGraphBuilder builder, Value x, Value weights, Value? bias, QuantizationParameters? result)
    {
        int dims = Windows.SpatialRank(node, x.Shape);
        int[] kernel = KernelShape(node, weights.Shape);
        int channels = x.Shape[1];
        int outputs = weights.Shape[0];
        int groups = (int)Math.Clamp(node.Int("group", 1), 0, int.MaxValue);
        if (groups < 1 || channels % groups != 0 || outputs % groups != 0 || weights.Shape[1] != channels / groups)
        {
            throw node.Fault($"weights {weights.Shape} in {groups} groups do not fit the input {x.Shape}");
        }

        Window window = Windows.Read(node, x.Shape, kernel).Window;
        Value image = builder.ToImage(node, x);
        Value kernels = dims == 2 ? weights : InsertHeight(node, builder, weights);
        bool depthwise = groups == channels && channels > 1;
        kernels = depthwise ? builder.Transpose(node, kernels, 1, 2, 3, 0) : builder.Transpose(node, kernels, 0, 2, 3, 1);
        Operator op = depthwise ? new DepthwiseConv2D(window, Clamp.None) : new Conv2D(window, groups, Clamp.None);
        Shape shape = OnnxGraphBuilder.CheckedShape(node, x.Shape[0], window.OutputHeight(image.Shape[1]), window.OutputWidth(image.Shape[2]), outputs);
        Value y = builder.Emit(node, op, new TensorType(result is null ? ElementType.Float32 : ElementType.Int8, shape, result), image, kernels, bias);
        return builder.FromImage(node, y, dims + 2);
    }

    public static Value ConvTranspose(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Reals(0);
        int dims = Windows.SpatialRank(node, x.Shape);
        Value weights = Weights.Read(node, builder, 1, dims + 2, channelAxis: 1);
        int[] kernel = KernelShape(node, weights.Shape);
        int channels = x.Shape[1];
        int groups = (int)Math.Clamp(node.Int("group", 1), 0, int.MaxValue);
        if (groups < 1 || weights.Shape[0] != channels || channels % groups != 0)
        {
            throw node.Fault($"weights {weights.Shape} in {groups} groups do not fit the input {x.Shape}");
        }

        int outputs = (int)Math.Min((long)weights.Shape[1] * groups, int.MaxValue);
        Value? bias = Weights.ReadBias(node, builder, 2, outputs, weights);
        (Window window, int height, int width) = TransposedWindow(node, x.Shape, kernel);
        Value image = builder.ToImage(node, x);
        Value kernels = TransposedKernels(node, builder, dims == 2 ? weights : InsertHeight(node, builder, weights), groups);
        Shape shape = OnnxGraphBuilder.CheckedShape(node, x.Shape[0], height, width, outputs);
        Value y = builder.Emit(node, new TransposeConv2D(window, groups, Clamp.None), new TensorType(ElementType.Float32, shape), image, kernels, bias);
        return builder.FromImage(node, y, dims + 2);
    }

    private static int[] KernelShape(OnnxNode node, Shape weights)
    {
        int[] kernel = [.. weights.Skip(2)];
        if (kernel.Contains(0) || (node.SmallInts("kernel_shape", kernel.Length, 1) is { } stated && !stated.SequenceEqual(kernel)))
        {
            throw node.Fault($"its kernel_shape does not fit the weights {weights}");
        }

        return kernel;
    }

    /// <summary>[a,b,k] to [a,b,1,k].</summary>
    private static Value InsertHeight(OnnxNode node, OnnxGraphBuilder builder, Value weights) =>
        builder.Constant(node, weights.Constant!.Reshape(new Shape(weights.Shape[0], weights.Shape[1], 1, weights.Shape[2])), weights.Quantization);

    /// <summary>[C,O/groups,KH,KW] to [O,KH,KW,C/groups].</summary>
    private static Value TransposedKernels(OnnxNode node, OnnxGraphBuilder builder, Value weights, int groups)
    {
        int inputs = weights.Shape[0] / groups;
        int outputs = weights.Shape[1];
        int height = weights.Shape[2];
        int width = weights.Shape[3];
        Tensor tensor = weights.Constant!;
        QuantizationParameters? quantization = weights.Quantization;
        if (quantization is { IsPerTensor: false } && groups > 1)
        {
            // The file has one scale for the channels of the same place in each group.
            tensor = FakeQuantization.Dequantize(tensor, quantization);
            quantization = null;
        }

        Tensor grouped = ConstantEvaluator.Permute(tensor.Reshape(new Shape(groups, inputs, outputs, height, width)), 0, 2, 3, 4, 1);
        return builder.Constant(node, grouped.Reshape(new Shape(groups * outputs, height, width, inputs)),
            quantization is { IsPerTensor: false } ? quantization with { Axis = 0 } : quantization);
    }

    /// <summary>The window and the output's height and width; formulas of the ONNX operator ConvTranspose.</summary>
    private static (Window Window, int Height, int Width) TransposedWindow(OnnxNode node, Shape x, int[] kernel)
    {
        int dims = kernel.Length;
        int[] strides = node.SmallInts("strides", dims, 1) ?? Windows.Ones(dims);
        int[] dilations = node.SmallInts("dilations", dims, 1) ?? Windows.Ones(dims);
        int[] pads = node.SmallInts("pads", 2 * dims, 0) ?? new int[2 * dims];
        int[] outputPadding = node.SmallInts("output_padding", dims, 0) ?? new int[dims];
        int[]? stated = node.SmallInts("output_shape", dims, 1);
        string auto = node.Text("auto_pad", "NOTSET");
        var outputs = new int[dims];
        for (int i = 0; i < dims; i++)
        {
            long whole = (strides[i] * (x[i + 2] - 1L)) + outputPadding[i] + ((kernel[i] - 1L) * dilations[i]) + 1;
            long wanted = stated?[i] ?? (auto is "SAME_UPPER" or "SAME_LOWER" ? (long)x[i + 2] * strides[i]
                : whole - (auto == "VALID" ? 0 : (long)pads[i] + pads[i + dims]));
            if (stated is not null || auto is "SAME_UPPER" or "SAME_LOWER")
            {
                long total = Math.Max(0, whole - wanted);
                pads[i] = (int)Math.Min(auto == "SAME_UPPER" ? total / 2 : total - (total / 2), int.MaxValue);
            }
            else if (auto == "VALID")
            {
                pads[i] = 0;
            }

            outputs[i] = wanted is >= 1 and <= OnnxGraphBuilder.MaxElements ? (int)wanted : throw node.Fault($"its output would have the extent {wanted}");
        }

        // Padding at the end follows from the output's extent.
        return dims == 1
            ? (new Window(1, kernel[0], 1, strides[0], 1, dilations[0], PadLeft: pads[0]), 1, outputs[0])
            : (new Window(kernel[0], kernel[1], strides[0], strides[1], dilations[0], dilations[1], PadTop: pads[0], PadLeft: pads[1]), outputs[0], outputs[1]);
    }
}
