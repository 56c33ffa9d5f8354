using System.Numerics.Tensors;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>BatchNorm at inference: one factor and one offset for each channel.</summary>
internal static class BatchNormKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        Check.Reals(node);
        Shape input = node.Input(0).Shape;
        int channels = input.Rank == 0 ? 1 : input[-1];
        for (int i = 1; i <= 4; i++)
        {
            Check.That(node, node.Input(i).Shape.ElementCount == channels, $"input {i} has shape {node.Input(i).Shape} for {input}");
        }

        Check.Output(node, input.AsSpan());
        float epsilon = ((BatchNorm)node.Operator).Epsilon;
        return (inputs, output) =>
        {
            var factors = new float[channels];
            var offsets = new float[channels];
            for (int c = 0; c < channels; c++)
            {
                factors[c] = inputs[1]!.Floats[c] / MathF.Sqrt(inputs[4]!.Floats[c] + epsilon);
                offsets[c] = inputs[2]!.Floats[c] - (inputs[3]!.Floats[c] * factors[c]);
            }

            ReadOnlySpan<float> x = inputs[0]!.Floats;
            for (int i = 0; i < x.Length; i += channels)
            {
                TensorPrimitives.MultiplyAdd(x.Slice(i, channels), factors, offsets, output.Floats.AsSpan(i, channels));
            }
        };
    }
}
