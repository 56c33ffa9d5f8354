namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>CONCATENATION and PACK.</summary>
internal static class JoinOperators
{
    public static void Concatenation(OperatorImport op)
    {
        Value[] inputs = Inputs(op);
        int axis = op.Axis(op.Options.Int32(0), inputs[0].Shape.Rank);
        if (op.Options.Byte(1) != 0)
        {
            throw op.Unsupported("an activation is fused into it");
        }

        op.Emit(new Concat(axis), Joined(op, inputs, axis), inputs);
    }

    /// <summary>Inputs of one shape; each gets a new dimension of 1 at the axis, along which they are joined.</summary>
    public static void Pack(OperatorImport op)
    {
        Value[] inputs = Inputs(op);
        int axis = op.Axis(op.Options.Int32(1), inputs[0].Shape.Rank + 1);
        for (int i = 0; i < inputs.Length; i++)
        {
            List<int> dimensions = [.. inputs[i].Shape];
            dimensions.Insert(Math.Min(axis, dimensions.Count), 1);
            inputs[i] = op.EmitBetween($"part_{i}", new Reshape(), new Shape([.. dimensions]), inputs[i].Type, inputs[i].Quantization, inputs[i]);
        }

        op.Emit(new Concat(axis), Joined(op, inputs, axis), inputs);
    }

    private static Value[] Inputs(OperatorImport op)
    {
        Value[] inputs = [.. Enumerable.Range(0, op.InputCount).Select(op.Input)];
        op.RequireSameType([.. inputs, op.Output()]);
        return inputs;
    }

    private static Shape Joined(OperatorImport op, Value[] inputs, int axis)
    {
        Shape first = inputs[0].Shape;
        long extent = 0;
        foreach (Value input in inputs)
        {
            if (input.Shape.Rank != first.Rank || !input.Shape.With(axis, first[axis]).Equals(first))
            {
                throw op.Malformed($"cannot join {input.Shape} to {first} along dimension {axis}");
            }

            extent += input.Shape[axis];
        }

        int[] dimensions = first.ToArray();
        dimensions[axis] = (int)Math.Min(extent, int.MaxValue);
        return op.MakeShape(dimensions);
    }
}
