namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>Concat on any element type.</summary>
internal static class ConcatKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        int axis = ((Concat)node.Operator).Axis;
        Shape output = node.Output.Shape;
        Check.SameType(node);
        Check.That(node, node.Inputs.Count > 0 && axis >= 0 && axis < output.Rank, $"{node.Inputs.Count} inputs along axis {axis} to {output}");
        Shape first = node.Input(0).Shape;
        foreach (Value? value in node.Inputs)
        {
            Check.That(node, value!.Shape.Rank == first.Rank && value.Shape.With(axis, 0).Equals(first.With(axis, 0)), $"{value.Shape} beside {first} along axis {axis}");
        }

        Check.Output(node, first.With(axis, node.Inputs.Sum(v => v!.Shape[axis])).AsSpan());
        int outer = new Shape(output.AsSpan()[..axis]).ElementCount;
        int total = outer == 0 ? 0 : output.ElementCount / outer;
        return (inputs, result) =>
        {
            int start = 0;
            foreach (Tensor? input in inputs)
            {
                int run = outer == 0 ? 0 : input!.Shape.ElementCount / outer;
                for (int i = 0; i < outer; i++)
                {
                    Array.Copy(input!.Data, i * run, result.Data, start + (i * total), run);
                }

                start += run;
            }
        };
    }
}
