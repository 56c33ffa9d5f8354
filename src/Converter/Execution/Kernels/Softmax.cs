namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>Softmax and its logarithm along any axis; the largest element is subtracted first, so that nothing overflows.</summary>
internal static class SoftmaxKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        Check.Reals(node);
        var softmax = (Softmax)node.Operator;
        Shape shape = node.Input(0).Shape;
        Check.That(node, softmax.Axis >= 0 && softmax.Axis < shape.Rank, $"axis {softmax.Axis} of {shape}");
        Check.Output(node, shape.AsSpan());
        int extent = shape[softmax.Axis];
        int inner = shape.Strides()[softmax.Axis];
        return (inputs, output) =>
        {
            ReadOnlySpan<float> x = inputs[0]!.Floats;
            Span<float> y = output.Floats;
            for (int start = 0; start < x.Length; start += extent * inner)
            {
                for (int i = start; i < start + inner; i++)
                {
                    Normalize(softmax, x[i..], y[i..], extent, inner);
                }
            }
        };
    }

    private static void Normalize(Softmax softmax, ReadOnlySpan<float> x, Span<float> y, int extent, int stride)
    {
        int length = ((extent - 1) * stride) + 1;
        float max = float.NegativeInfinity;
        for (int i = 0; i < length; i += stride)
        {
            max = MathF.Max(max, softmax.Beta * x[i]);
        }

        float sum = 0;
        for (int i = 0; i < length; i += stride)
        {
            float exponent = (softmax.Beta * x[i]) - max;
            float power = MathF.Exp(exponent);
            sum += power;
            y[i] = softmax.Log ? exponent : power;
        }

        float logarithm = MathF.Log(sum);
        for (int i = 0; i < length; i += stride)
        {
            y[i] = softmax.Log ? y[i] - logarithm : y[i] / sum;
        }
    }
}
