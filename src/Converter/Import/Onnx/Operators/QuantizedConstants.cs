using TinyInference.Converter.Execution;

namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>Constants of integers that stand for reals.</summary>
internal static class QuantizedConstants
{
    /// <summary>
    /// Weights as kernels want them, zero points 0: those that are not are rounded anew to the scale that the largest
    /// magnitude of each channel asks for, and a warning is left.
    /// </summary>
    public static Value Symmetric(OnnxNode node, OnnxGraphBuilder builder, Value weights)
    {
        QuantizationParameters q = weights.Quantization!;
        if (Array.TrueForAll(q.ZeroPoints, z => z == 0))
        {
            return weights;
        }

        float[] reals = FakeQuantization.Dequantize(weights.Constant!, q).Floats;
        int inner = InnerCount(weights.Shape, q);
        var scales = new float[q.Scales.Length];
        for (int i = 0; i < reals.Length; i++)
        {
            int channel = i / inner % scales.Length;
            scales[channel] = Math.Max(scales[channel], Math.Abs(reals[i]) / sbyte.MaxValue);
        }

        for (int i = 0; i < scales.Length; i++)
        {
            scales[i] = scales[i] > 0 ? scales[i] : q.Scales[i];
        }

        var result = new sbyte[reals.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = (sbyte)Math.Clamp(MathF.Round(reals[i] / scales[i / inner % scales.Length]), -127, 127);
        }

        builder.Warnings.Add($"{node}: weights with a zero point were rounded anew to symmetric int8");
        return builder.Constant(node, new Tensor(weights.Shape, result), new QuantizationParameters(scales, new int[scales.Length], q.Axis));
    }

    /// <summary>Elements from one channel to the next.</summary>
    private static int InnerCount(Shape shape, QuantizationParameters quantization) =>
        quantization.IsPerTensor ? Math.Max(shape.ElementCount, 1) : Math.Max(shape.Strides()[quantization.Axis], 1);
}
