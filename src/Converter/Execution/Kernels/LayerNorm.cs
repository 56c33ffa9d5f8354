using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>LayerNorm: mean and variance of each row of the innermost dimension.</summary>
internal static class LayerNormKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        Check.Reals(node);
        Shape input = node.Input(0).Shape;
        Check.That(node, input.Rank > 0, "its input is a scalar");
        int width = input[-1];
        for (int i = 1; i <= 2; i++)
        {
            Check.That(node, node.Input(i).Shape.ElementCount == width, $"input {i} has shape {node.Input(i).Shape} for {input}");
        }

        Check.Output(node, input.AsSpan());
        var op = (LayerNorm)node.Operator;
        return (inputs, output) =>
        {
            ReadOnlySpan<float> x = inputs[0]!.Floats;
            for (int i = 0; i < x.Length; i += width)
            {
                RowNormalization.Apply(x.Slice(i, width), op.Epsilon, inputs[1]!.Floats, inputs[2]!.Floats, output.Floats.AsSpan(i, width));
            }

            Activation.Apply(op.Clamp, output.Floats);
        };
    }
}
