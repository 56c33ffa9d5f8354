namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>Gather on any element type; a negative index counts from the end.</summary>
internal static class GatherKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        int axis = ((Gather)node.Operator).Axis;
        (Value data, Value indices) = (node.Input(0), node.Input(1));
        Check.That(node, axis >= 0 && axis < data.Shape.Rank, $"axis {axis} of {data.Shape}");
        Check.That(node, FakeQuantization.FlowType(data) == FakeQuantization.FlowType(node.Output), $"{data} to {node.Output}");
        ReadOnlySpan<int> dimensions = data.Shape.AsSpan();
        Check.Output(node, [.. dimensions[..axis], .. indices.Shape, .. dimensions[(axis + 1)..]]);
        if (FakeQuantization.FlowType(indices) is ElementType.Float32 or ElementType.Bool)
        {
            throw new InputException($"{node}: tensor '{indices.Name}' holds indices and must be of integers, not {indices.Type}");
        }

        int extent = data.Shape[axis];
        int outer = new Shape(dimensions[..axis]).ElementCount;
        int inner = data.Shape.Strides()[axis];
        return (inputs, output) =>
        {
            long[] selected = inputs[1]!.ToInt64s();
            int to = 0;
            for (int i = 0; i < outer; i++)
            {
                foreach (long index in selected)
                {
                    if (index < -extent || index >= extent)
                    {
                        throw new InputException($"{node}: index {index} is outside dimension {axis} of '{data.Name}', which has {extent} elements");
                    }

                    int position = (int)(index < 0 ? index + extent : index);
                    Array.Copy(inputs[0]!.Data, ((i * extent) + position) * inner, output.Data, to, inner);
                    to += inner;
                }
            }
        };
    }
}
