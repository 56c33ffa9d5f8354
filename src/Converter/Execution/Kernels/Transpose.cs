namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>Transpose on any element type.</summary>
internal static class TransposeKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        int[] permutation = ((Transpose)node.Operator).Permutation;
        Shape input = node.Input(0).Shape;
        Check.SameType(node);
        Check.That(node, permutation.Order().SequenceEqual(Enumerable.Range(0, input.Rank)), $"({string.Join(", ", permutation)}) is no permutation of the dimensions of {input}");
        Check.Output(node, [.. permutation.Select(d => input[d])]);
        int[] strides = input.Strides();
        var map = new IndexMap(node.Output.Shape, (d, i) => i * strides[permutation[d]]);
        return (inputs, output) => map.Copy(inputs[0]!.Data, output.Data);
    }
}
