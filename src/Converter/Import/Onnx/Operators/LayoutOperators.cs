namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>Operators that change the shape and not the elements, or move blocks of elements.</summary>
internal static class LayoutOperators
{
    public static Value Reshape(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        long[] wanted = builder.OptionalInt64s(node, 1) ?? throw node.Fault("its shape is missing");
        bool allowZero = node.Flag("allowzero");
        long[] dims = [.. wanted];
        int unknown = -1;
        long known = 1;
        for (int i = 0; i < dims.Length; i++)
        {
            if (dims[i] == 0 && !allowZero)
            {
                dims[i] = i < x.Shape.Rank ? x.Shape[i] : throw node.Fault($"dimension {i} of [{string.Join(", ", wanted)}] is to be copied from {x.Shape}");
            }

            if (dims[i] == -1 && unknown < 0)
            {
                unknown = i;
            }
            else if (dims[i] < 0 || dims[i] > OnnxGraphBuilder.MaxElements || (known *= dims[i]) > OnnxGraphBuilder.MaxElements)
            {
                throw node.Fault($"the shape [{string.Join(", ", wanted)}] is not possible");
            }
        }

        if (unknown >= 0)
        {
            dims[unknown] = known == 0 ? 0 : x.Shape.ElementCount / known;
        }

        return builder.Reshape(node, x, OnnxGraphBuilder.CheckedShape(node, dims));
    }

    public static Value Flatten(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        int axis = node.Axis(node.Int("axis", 1), x.Shape.Rank, inclusive: true);
        int outer = x.Shape.Take(axis).Aggregate(1, (a, b) => a * b);
        int inner = x.Shape.Skip(axis).Aggregate(1, (a, b) => a * b);
        return builder.Reshape(node, x, OnnxGraphBuilder.CheckedShape(node, outer, inner));
    }

    public static Value Squeeze(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        long[]? stated = node.Opset < 13 ? node.Ints("axes") : builder.OptionalInt64s(node, 1);
        int[] axes = stated is null ? [.. Enumerable.Range(0, x.Shape.Rank).Where(i => x.Shape[i] == 1)] : node.Axes(stated, x.Shape.Rank);
        if (Array.Exists(axes, a => x.Shape[a] != 1))
        {
            throw node.Fault($"it removes dimensions of {x.Shape} that are not 1");
        }

        return builder.Reshape(node, x, new Shape([.. x.Shape.Where((_, i) => !axes.Contains(i))]));
    }

    public static Value Unsqueeze(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        long[] stated = (node.Opset < 13 ? node.Ints("axes") : builder.OptionalInt64s(node, 1)) ?? throw node.Fault("its axes are missing");
        int rank = x.Shape.Rank + Math.Min(stated.Length, 16);
        int[] axes = node.Axes(stated, rank);
        var dims = new List<long>(x.Shape.Select(d => (long)d));
        foreach (int axis in axes)
        {
            dims.Insert(axis, 1);
        }

        return builder.Reshape(node, x, OnnxGraphBuilder.CheckedShape(node, [.. dims]));
    }

    public static Value Transpose(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        int rank = x.Shape.Rank;
        long[] stated = node.Ints("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(i => (long)i)];
        if (stated.Length != rank || node.Axes(stated, rank).Length != rank)
        {
            throw node.Fault($"its permutation does not fit the input {x.Shape}");
        }

        return builder.Transpose(node, x, Array.ConvertAll(stated, p => node.Axis(p, rank)));
    }

    public static Value Concat(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value[] parts = [.. Enumerable.Range(0, node.Inputs.Length).Select(node.Input)];
        if (parts.Length == 0 || !node.Has("axis"))
        {
            throw node.Fault("its inputs or its axis are missing");
        }

        // Parts of one quantization stay integers; others would be integers of different meaning.
        if (Array.Exists(parts, p => p.Type != parts[0].Type || !Equals(p.Quantization, parts[0].Quantization)))
        {
            throw node.Unsupported("its inputs are of different types");
        }

        return Join(node, builder, parts, node.Int("axis", 0), TensorType.Like(parts[0]));
    }

    /// <param name="result">Element type and quantization of the result.</param>
    public static Value Join(OnnxNode node, OnnxGraphBuilder builder, Value[] parts, long statedAxis, TensorType result)
    {
        int rank = parts[0].Shape.Rank;
        int axis = node.Axis(statedAxis, rank);
        long[] dims = [.. parts[0].Shape.Select(d => (long)d)];
        dims[axis] = 0;
        foreach (Value part in parts)
        {
            if (part.Shape.Rank != rank || !part.Shape.With(axis, 0).Equals(parts[0].Shape.With(axis, 0)))
            {
                throw node.Fault($"its inputs {parts[0].Shape} and {part.Shape} do not fit");
            }

            dims[axis] += part.Shape[axis];
        }

        return builder.Emit(node, new Concat(axis), result with { Shape = OnnxGraphBuilder.CheckedShape(node, dims) }, parts);
    }

    /// <summary>[N,C,H,W] to [N,C/b^2,H*b,W*b], done with channels last: [N,H,W,b,b,C'] to [N,H,b,W,b,C'].</summary>
    public static Value DepthToSpace(OnnxNode node, OnnxGraphBuilder builder)
    {
        (Value x, int block) = Blocks(node);
        (int n, int c, int h, int w) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        if (c % ((long)block * block) != 0)
        {
            throw node.Fault($"{c} channels are not blocks of {block}x{block}");
        }

        int inner = c / (block * block);
        bool columnFirst = node.Text("mode", "DCR") == "CRD";
        Value y = builder.ChannelsLast(node, x);
        y = builder.Reshape(node, y, columnFirst ? new Shape(n, h, w, inner, block, block) : new Shape(n, h, w, block, block, inner));
        y = columnFirst ? builder.Transpose(node, y, 0, 1, 4, 2, 5, 3) : builder.Transpose(node, y, 0, 1, 3, 2, 4, 5);
        return builder.ChannelsFirst(node, builder.Reshape(node, y, new Shape(n, h * block, w * block, inner)));
    }

    /// <summary>[N,C,H,W] to [N,C*b^2,H/b,W/b].</summary>
    public static Value SpaceToDepth(OnnxNode node, OnnxGraphBuilder builder)
    {
        (Value x, int block) = Blocks(node);
        (int n, int c, int h, int w) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        if (h % block != 0 || w % block != 0)
        {
            throw node.Fault($"{h}x{w} is not a multiple of blocks of {block}x{block}");
        }

        Value y = builder.ChannelsLast(node, x);
        y = builder.Reshape(node, y, new Shape(n, h / block, block, w / block, block, c));
        y = builder.Transpose(node, y, 0, 1, 3, 2, 4, 5);
        return builder.ChannelsFirst(node, builder.Reshape(node, y, new Shape(n, h / block, w / block, block * block * c)));
    }

    private static (Value X, int Block) Blocks(OnnxNode node)
    {
        Value x = node.Input(0);
        long block = node.Int("blocksize", 0);
        return x.Shape.Rank == 4 && block is >= 1 and <= 1024 ? (x, (int)block)
            : throw node.Fault($"blocks of {block} do not fit the input {x.Shape}");
    }
}
