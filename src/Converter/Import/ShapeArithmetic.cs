namespace TinyInference.Converter.Import;

using TinyInference.Converter.Graphs;

/// <summary>
/// Computes small integer results on import. Exporters write shapes as computations (the shape of x, its first element, that and
/// a constant joined); importers need the result as a number before the next node.
/// </summary>
internal static class ShapeArithmetic
{
    private const int MaxElements = 1024;

    /// <summary>The value of the node's only output where its inputs are integer constants and the operator is one of these; otherwise null.</summary>
    public static Tensor? TryFold(Node node)
    {
        if (node.Outputs.Count != 1 || node.Output.Shape.ElementCount > MaxElements || !IsInteger(node.Output.Type)
            || node.Inputs.Count == 0 || !node.Inputs.All(static v => v?.Constant is { } c && IsInteger(c.Type) && c.Shape.ElementCount <= MaxElements))
        {
            return null;
        }

        Shape shape = node.Output.Shape;
        long[]? result = node.Operator switch
        {
            Reshape or Identity or Cast => Elements(node, 0),
            Slice slice => Gathered(node, SliceIndices(slice, node.Input(0).Shape, shape)),
            Concat { Axis: 0 } when shape.Rank == 1 => [.. node.Inputs.SelectMany(static v => v!.Constant!.ToInt64s())],
            Gather { Axis: 0 } when node.Input(0).Shape.Rank == 1 => Picked(node),
            Binary binary when binary.Clamp.IsNone => Combined(node, binary.Function, shape),
            Reduce { Function: ReduceFunction.Prod } when shape.ElementCount == 1 => [Elements(node, 0).Aggregate(1L, static (a, b) => unchecked(a * b))],
            _ => null,
        };
        return result?.Length == shape.ElementCount ? ToTensor(shape, node.Output.Type, result) : null;
    }

    /// <summary>The tensor of an integer type with these elements; those that Int32 cannot hold are saturated.</summary>
    public static Tensor ToTensor(Shape shape, ElementType type, long[] elements) => type == ElementType.Int64
        ? new Tensor(shape, elements)
        : new Tensor(shape, Array.ConvertAll(elements, static x => (int)Math.Clamp(x, int.MinValue, int.MaxValue)));

    private static bool IsInteger(ElementType type) => type is ElementType.Int32 or ElementType.Int64;

    private static long[] Elements(Node node, int input) => node.Input(input).Constant!.ToInt64s();

    private static long[] Gathered(Node node, int[] indices)
    {
        long[] elements = Elements(node, 0);
        return Array.ConvertAll(indices, i => elements[i]);
    }

    private static long[]? Picked(Node node)
    {
        long[] elements = Elements(node, 0);
        var result = new List<long>();
        foreach (long index in Elements(node, 1))
        {
            long i = index < 0 ? index + elements.Length : index;
            if (i < 0 || i >= elements.Length)
            {
                return null;
            }

            result.Add(elements[i]);
        }

        return [.. result];
    }

    private static int[] SliceIndices(Slice slice, Shape from, Shape to)
    {
        int[] strides = from.Strides();
        int[] outStrides = to.Strides();
        var result = new int[to.ElementCount];
        for (int i = 0; i < result.Length; i++)
        {
            for (int d = 0; d < to.Rank; d++)
            {
                result[i] += (slice.Begin[d] + (i / outStrides[d] % to[d] * slice.Step[d])) * strides[d];
            }
        }

        return result;
    }

    private static long[]? Combined(Node node, BinaryFunction function, Shape shape)
    {
        long[] a = Elements(node, 0);
        long[] b = Elements(node, 1);
        int count = shape.ElementCount;
        if ((a.Length != count && a.Length != 1) || (b.Length != count && b.Length != 1))
        {
            return null;
        }

        var result = new long[count];
        for (int i = 0; i < count; i++)
        {
            if (Combine(function, a[a.Length == 1 ? 0 : i], b[b.Length == 1 ? 0 : i]) is not { } c)
            {
                return null;
            }

            result[i] = c;
        }

        return result;
    }

    private static long? Combine(BinaryFunction function, long a, long b) => function switch
    {
        BinaryFunction.Add => unchecked(a + b),
        BinaryFunction.Sub => unchecked(a - b),
        BinaryFunction.Mul => unchecked(a * b),
        // Truncated, as integer division is in ONNX and TensorFlow Lite; -1 apart because the smallest long has no negative.
        BinaryFunction.Div when b == -1 => unchecked(-a),
        BinaryFunction.Div when b != 0 => a / b,
        BinaryFunction.Min => Math.Min(a, b),
        BinaryFunction.Max => Math.Max(a, b),
        _ => null,
    };
}
