using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>FullyConnected: x as [M, K] times the transposed weights [K, O].</summary>
internal static class FullyConnectedKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        Check.Reals(node);
        Shape input = node.Input(0).Shape;
        Shape weights = Check.Rank(node, 1, 2);
        (int outputs, int depth) = (weights[0], weights[1]);
        int rows = depth == 0 ? node.Output.Shape.ElementCount / Math.Max(1, outputs) : input.ElementCount / depth;
        Check.That(node, input.ElementCount == (long)rows * depth, $"weights {weights} for input {input}");
        Check.That(node, node.Output.Shape.ElementCount == (long)rows * outputs, $"weights {weights} for input {input} and output {node.Output.Shape}");
        Check.That(node, node.OptionalInput(2) is not { } b || b.Shape.ElementCount == outputs, "bias does not fit the weights");
        Clamp clamp = ((FullyConnected)node.Operator).Clamp;
        PackedMatrix? packed = constants[1] is { } constant ? new PackedMatrix(transposed: true, outputs, depth, constant.Floats, depth) : null;
        return (inputs, output) =>
        {
            Span<float> y = output.Floats;
            Activation.FillBias(inputs.Length > 2 && inputs[2] is { } bias ? bias.Floats : [], y);
            if (packed is not null)
            {
                Gemm.Multiply(false, rows, inputs[0]!.Floats, depth, packed, y, outputs, accumulate: true);
            }
            else
            {
                Gemm.Multiply(false, true, rows, outputs, depth, inputs[0]!.Floats, depth, inputs[1]!.Floats, depth, y, outputs, accumulate: true);
            }

            Activation.Apply(clamp, y);
        };
    }
}
