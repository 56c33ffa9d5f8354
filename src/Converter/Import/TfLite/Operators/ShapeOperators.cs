namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>Operators that give the same elements another shape, order or type, and SHAPE itself.</summary>
internal static class ShapeOperators
{
    /// <summary>Inputs x, shape [rank]?; without it the options have the shape. One -1 stands for what is left over.</summary>
    public static void Reshape(OperatorImport op)
    {
        Value x = op.Input(0);
        int[] wanted = op.OptionalInput(1) is not null ? op.Integers(1, "shape") : op.Options.Int32s(0);
        // Old files write a scalar as the shape [0].
        wanted = wanted is [0] ? [] : wanted;
        if (wanted.Length > TensorValues.MaxRank)
        {
            throw op.Malformed($"wants {wanted.Length} dimensions");
        }

        int open = Array.IndexOf(wanted, -1);
        if (open >= 0)
        {
            long rest = wanted.Where((_, i) => i != open).Aggregate(1L, static (a, b) => unchecked(a * b));
            wanted = [.. wanted];
            wanted[open] = rest > 0 && rest <= x.Shape.ElementCount ? (int)(x.Shape.ElementCount / rest) : 0;
        }

        Move(op, new Reshape(), x, SameCount(op, x, op.MakeShape(wanted)));
    }

    /// <summary>Removes the dimensions that the options name, or all that are 1.</summary>
    public static void Squeeze(OperatorImport op)
    {
        Value x = op.Input(0);
        int[] axes = [.. op.Options.Int32s(0).Select(a => op.Axis(a, x.Shape.Rank))];
        Move(op, new Reshape(), x, SameCount(op, x, new Shape([.. x.Shape.Where((extent, d) => axes.Length == 0 ? extent != 1 : !axes.Contains(d))])));
    }

    /// <summary>Inputs x, axis: a dimension of 1 is put there.</summary>
    public static void ExpandDims(OperatorImport op)
    {
        Value x = op.Input(0);
        int axis = op.Axis(op.Integers(1, "axis", 1)[0], x.Shape.Rank + 1);
        List<int> dimensions = [.. x.Shape];
        dimensions.Insert(axis, 1);
        Move(op, new Reshape(), x, new Shape([.. dimensions]));
    }

    /// <summary>Inputs x, permutation.</summary>
    public static void Transpose(OperatorImport op)
    {
        Value x = op.Input(0);
        int[] permutation = [.. op.Integers(1, "permutation", x.Shape.Rank).Select(a => op.Axis(a, x.Shape.Rank))];
        if (permutation.Distinct().Count() != permutation.Length)
        {
            throw op.Malformed($"has the permutation {string.Join(' ', permutation)}");
        }

        Move(op, new Transpose(permutation), x, new Shape([.. permutation.Select(d => x.Shape[d])]));
    }

    /// <summary>The dimensions of the input, which are known: a constant.</summary>
    public static void Shape(OperatorImport op)
    {
        Shape x = op.Input(0).Shape;
        Value output = op.Output();
        if (output.Type is not (ElementType.Int32 or ElementType.Int64))
        {
            throw op.Malformed($"gives {output.Type} instead of integers");
        }

        op.Fold(ConstantEvaluator.FromInt64s(new Shape(x.Rank), [.. x.Select(static d => (long)d)], output.Type));
    }

    public static void Cast(OperatorImport op) => op.Emit(new Cast(), op.Input(0).Shape, op.Input(0));

    private static void Move(OperatorImport op, Operator operation, Value x, Shape shape)
    {
        op.RequireSameType(x, op.Output());
        op.Emit(operation, shape, x);
    }

    private static Shape SameCount(OperatorImport op, Value x, Shape shape) => shape.ElementCount == x.Shape.ElementCount
        ? shape
        : throw op.Malformed($"cannot give {x.Shape} the shape {shape}");
}
