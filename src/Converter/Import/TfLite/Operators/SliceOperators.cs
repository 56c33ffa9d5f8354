namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>Operators that take parts of a tensor: SLICE, SPLIT, SPLIT_V, UNPACK, GATHER.</summary>
internal static class SliceOperators
{
    /// <summary>Inputs x, begin, size (-1: to the end).</summary>
    public static void Slice(OperatorImport op)
    {
        Value x = op.Input(0);
        int rank = x.Shape.Rank;
        int[] begin = op.Integers(1, "begin", rank);
        int[] size = [.. op.Integers(2, "size", rank)];
        for (int d = 0; d < rank; d++)
        {
            size[d] = size[d] == -1 ? x.Shape[d] - begin[d] : size[d];
            if (begin[d] < 0 || size[d] < 1 || begin[d] > x.Shape[d] - size[d])
            {
                throw op.Malformed($"takes {size[d]} from {begin[d]} of dimension {d} of {x.Shape}");
            }
        }

        op.RequireSameType(x, op.Output());
        op.Emit(new Slice(begin, Ones(rank)), op.MakeShape(size), x);
    }

    /// <summary>Inputs axis, x; as many equal parts as there are outputs.</summary>
    public static void Split(OperatorImport op)
    {
        Value x = op.Input(1);
        int axis = op.Axis(op.Integers(0, "axis", 1)[0], x.Shape.Rank);
        if (x.Shape[axis] % op.OutputCount != 0)
        {
            throw op.Malformed($"cannot split dimension {axis} of {x.Shape} into {op.OutputCount}");
        }

        Parts(op, x, axis, [.. Enumerable.Repeat(x.Shape[axis] / op.OutputCount, op.OutputCount)]);
    }

    /// <summary>Inputs x, sizes (one may be -1: what is left), axis.</summary>
    public static void SplitV(OperatorImport op)
    {
        Value x = op.Input(0);
        int[] sizes = [.. op.Integers(1, "sizes", op.OutputCount)];
        int axis = op.Axis(op.Integers(2, "axis", 1)[0], x.Shape.Rank);
        int open = Array.IndexOf(sizes, -1);
        if (open >= 0)
        {
            sizes[open] = 0;
            sizes[open] = (int)Math.Clamp(x.Shape[axis] - sizes.Sum(static s => (long)s), 0, int.MaxValue);
        }

        if (sizes.Any(static s => s < 1) || sizes.Sum(static s => (long)s) != x.Shape[axis])
        {
            throw op.Malformed($"cannot split dimension {axis} of {x.Shape} into {string.Join(", ", sizes)}");
        }

        Parts(op, x, axis, sizes);
    }

    /// <summary>Each index of the axis becomes an output without that dimension.</summary>
    public static void Unpack(OperatorImport op)
    {
        Value x = op.Input(0);
        int axis = op.Axis(op.Options.Int32(1), x.Shape.Rank);
        if (x.Shape[axis] != op.OutputCount)
        {
            throw op.Malformed($"cannot unpack dimension {axis} of {x.Shape} into {op.OutputCount}");
        }

        Shape part = x.Shape.With(axis, 1);
        Shape shape = new([.. x.Shape.Where((_, d) => d != axis)]);
        for (int i = 0; i < op.OutputCount; i++)
        {
            op.RequireSameType(x, op.Output(i));
            Value slice = op.EmitBetween($"part_{i}", new Slice(At(x.Shape.Rank, axis, i), Ones(x.Shape.Rank)), part, x.Type, x.Quantization, x);
            op.EmitOutput(i, new Reshape(), shape, slice);
        }
    }

    /// <summary>Inputs data, indices.</summary>
    public static void Gather(OperatorImport op)
    {
        Value data = op.Input(0);
        Value indices = op.Input(1);
        op.RequireSameType(data, op.Output());
        if (indices.Type is not (ElementType.Int32 or ElementType.Int64))
        {
            throw op.Malformed($"has indices of type {indices.Type}");
        }

        if (op.Options.Int32(1) != 0)
        {
            throw op.Unsupported($"it has {op.Options.Int32(1)} batch dimensions");
        }

        int axis = op.Axis(op.Options.Int32(0), data.Shape.Rank);
        op.File.Pay(indices.IsConstant ? indices.Shape.ElementCount : 0);
        if (indices.Constant?.ToInt64s().Any(i => i < 0 || i >= data.Shape[axis]) == true)
        {
            throw op.Malformed($"has indices outside of dimension {axis} of {data.Shape}");
        }

        op.Emit(new Gather(axis), op.MakeShape([.. data.Shape.Take(axis), .. indices.Shape, .. data.Shape.Skip(axis + 1)]), data, indices);
    }

    private static void Parts(OperatorImport op, Value x, int axis, int[] sizes)
    {
        int begin = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            op.RequireSameType(x, op.Output(i));
            op.EmitOutput(i, new Slice(At(x.Shape.Rank, axis, begin), Ones(x.Shape.Rank)), x.Shape.With(axis, sizes[i]), x);
            begin += sizes[i];
        }
    }

    private static int[] Ones(int rank) => [.. Enumerable.Repeat(1, rank)];

    private static int[] At(int rank, int axis, int index)
    {
        int[] begin = new int[rank];
        begin[axis] = index;
        return begin;
    }
}
