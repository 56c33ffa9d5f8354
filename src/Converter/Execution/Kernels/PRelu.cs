namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>PRelu with one slope for each channel, or one for all.</summary>
internal static class PReluKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        Check.Reals(node);
        Shape input = node.Input(0).Shape;
        int slopes = node.Input(1).Shape.ElementCount;
        Check.That(node, slopes == 1 || (input.Rank > 0 && slopes == input[-1]), $"{slopes} slopes for input {input}");
        Check.Output(node, input.AsSpan());
        return static (inputs, output) =>
        {
            ReadOnlySpan<float> x = inputs[0]!.Floats;
            ReadOnlySpan<float> slope = inputs[1]!.Floats;
            Span<float> y = output.Floats;
            for (int i = 0, c = 0; i < y.Length; i++)
            {
                y[i] = x[i] >= 0 ? x[i] : slope[c] * x[i];
                c = c + 1 == slope.Length ? 0 : c + 1;
            }
        };
    }
}
