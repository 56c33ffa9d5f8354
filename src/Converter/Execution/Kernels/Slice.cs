namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>Slice on any element type.</summary>
internal static class SliceKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        var slice = (Slice)node.Operator;
        (Shape input, Shape output) = (node.Input(0).Shape, node.Output.Shape);
        Check.SameType(node);
        Check.That(node, slice.Begin.Length == input.Rank && slice.Step.Length == input.Rank && output.Rank == input.Rank, $"{slice.Begin.Length} begins for {input}");
        for (int d = 0; d < input.Rank && output.ElementCount > 0; d++)
        {
            long last = slice.Begin[d] + ((output[d] - 1L) * slice.Step[d]);
            Check.That(node, slice.Begin[d] >= 0 && slice.Begin[d] < input[d] && last >= 0 && last < input[d], $"elements {slice.Begin[d]} to {last} of dimension {d} of {input}");
        }

        int[] strides = input.Strides();
        bool isEmpty = output.ElementCount == 0;
        var map = new IndexMap(output, (d, i) => isEmpty ? 0 : (slice.Begin[d] + (i * slice.Step[d])) * strides[d]);
        return (inputs, result) => map.Copy(inputs[0]!.Data, result.Data);
    }
}
