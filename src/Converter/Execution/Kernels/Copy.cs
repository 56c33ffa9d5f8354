namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>Operators that hand their elements on: Reshape, Identity, and Quantize and Dequantize, since reals flow.</summary>
internal static class CopyKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        Check.SameType(node);
        (Shape input, Shape output) = (node.Input(0).Shape, node.Output.Shape);
        Check.That(node, input.ElementCount == output.ElementCount, $"{input} cannot become {output}");
        return static (inputs, result) => Array.Copy(inputs[0]!.Data, result.Data, result.Data.Length);
    }
}
