using TinyInference.Converter.Execution;

namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>Operators that take some of the elements, or add some: Slice, Split, Gather, Pad, Expand, Tile.</summary>
internal static class SelectionOperators
{
    public static Value Slice(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        int rank = x.Shape.Rank;
        bool attributes = node.Opset < 10;
        long[]? starts = attributes ? node.Ints("starts") : builder.OptionalInt64s(node, 1);
        long[]? ends = attributes ? node.Ints("ends") : builder.OptionalInt64s(node, 2);
        if (starts is null || ends is null || starts.Length != ends.Length)
        {
            throw node.Fault("its starts or ends are missing");
        }

        long[] axes = (attributes ? node.Ints("axes") : builder.OptionalInt64s(node, 3)) ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[] steps = (attributes ? null : builder.OptionalInt64s(node, 4)) ?? Array.ConvertAll(starts, _ => 1L);
        if (axes.Length != starts.Length || steps.Length != starts.Length || node.Axes(axes, rank).Length > rank)
        {
            throw node.Fault("its starts, axes and steps do not fit");
        }

        int[] begin = new int[rank];
        int[] step = Windows.Ones(rank);
        int[] extents = x.Shape.ToArray();
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = node.Axis(axes[i], rank);
            (begin[axis], step[axis], extents[axis]) = Range(node, x.Shape[axis], starts[i], ends[i], steps[i]);
        }

        return Cut(node, builder, x, begin, step, new Shape(extents));
    }

    public static Value[] Split(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        int axis = node.Axis(node.Int("axis", 0), x.Shape.Rank);
        int extent = x.Shape[axis];
        long[]? sizes = node.Opset < 13 ? node.Ints("split") : builder.OptionalInt64s(node, 1);
        int count = node.OutputNames.Length;
        if (sizes is null)
        {
            if (node.Int("num_outputs", count) != count)
            {
                throw node.Fault($"num_outputs is {node.Int("num_outputs", count)}, but it has {count}");
            }

            // The last part is what is left.
            long part = (extent + (long)count - 1) / Math.Max(count, 1);
            sizes = [.. Enumerable.Range(0, count).Select(i => Math.Clamp(extent - (i * part), 0, part))];
        }

        if (sizes.Length != count || Array.Exists(sizes, s => s < 0 || s > extent) || sizes.Sum() != extent)
        {
            throw node.Fault($"parts of [{string.Join(", ", sizes)}] do not fit the {extent} elements of dimension {axis}");
        }

        var outputs = new Value[count];
        int[] begin = new int[x.Shape.Rank];
        for (int i = 0; i < count; i++)
        {
            outputs[i] = Cut(node, builder, x, [.. begin], Windows.Ones(begin.Length), x.Shape.With(axis, (int)sizes[i]));
            begin[axis] += (int)sizes[i];
        }

        return outputs;
    }

    public static Value Gather(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value data = node.Input(0);
        Value indices = node.Input(1);
        int axis = node.Axis(node.Int("axis", 0), data.Shape.Rank);
        if (indices.Type is not (ElementType.Int64 or ElementType.Int32))
        {
            throw node.Fault($"its indices are of type {indices.Type}");
        }

        if (builder.TryConstant(indices) is { } known)
        {
            int extent = data.Shape[axis];
            long[] positive = Array.ConvertAll(known.ToInt64s(), i => i >= -extent && i < extent ? (i < 0 ? i + extent : i)
                : throw node.Fault($"its index {i} is not in the {extent} elements of dimension {axis}"));
            indices = builder.Constant(node, new Tensor(known.Shape, Array.ConvertAll(positive, i => (int)i)));
        }

        Shape shape = OnnxGraphBuilder.CheckedShape(node, [.. data.Shape.Take(axis), .. indices.Shape, .. data.Shape.Skip(axis + 1)]);
        return builder.Emit(node, new Gather(axis), TensorType.Like(data, shape), data, indices);
    }

    public static Value Pad(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        int rank = x.Shape.Rank;
        bool attributes = node.Opset < 11;
        long[] pads = (attributes ? node.Ints("pads") : builder.OptionalInt64s(node, 1)) ?? throw node.Fault("its pads are missing");
        float value = attributes ? node.Float("value", 0) : builder.OptionalFloat(node, 2) ?? 0;
        long[] axes = (attributes ? null : builder.OptionalInt64s(node, 3)) ?? [.. Enumerable.Range(0, rank).Select(i => (long)i)];
        if (pads.Length != 2 * axes.Length || node.Axes(axes, rank).Length > rank)
        {
            throw node.Fault($"{pads.Length} pads do not fit the input {x.Shape}");
        }

        PadMode mode = node.Text("mode", "constant") switch
        {
            "constant" => PadMode.Constant,
            "reflect" => PadMode.Reflect,
            "edge" => PadMode.Edge,
            string other => throw node.Unsupported($"the mode '{other}' is not supported"),
        };
        if (x.Quantization is not null && mode == PadMode.Constant)
        {
            value = QuantizedPadding(node, builder, x.Quantization);
        }

        int[] before = new int[rank];
        int[] after = new int[rank];
        int[] cutBegin = new int[rank];
        int[] cut = x.Shape.ToArray();
        long[] padded = new long[rank];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = node.Axis(axes[i], rank);
            (before[axis], cutBegin[axis]) = Side(node, pads[i]);
            (after[axis], int cutEnd) = Side(node, pads[i + axes.Length]);
            long left = (long)cut[axis] - cutBegin[axis] - cutEnd;
            cut[axis] = left >= 0 ? (int)left : throw node.Fault($"it removes more than the {cut[axis]} elements of dimension {axis}");
        }

        for (int i = 0; i < rank; i++)
        {
            padded[i] = (long)cut[i] + before[i] + after[i];
            if ((mode == PadMode.Reflect && Math.Max(before[i], after[i]) > Math.Max(0, cut[i] - 1)) || (mode == PadMode.Edge && cut[i] == 0 && padded[i] > 0))
            {
                throw node.Fault($"dimension {i} of {x.Shape} has too few elements to be padded so");
            }
        }

        // Negative pads remove elements.
        Value kept = Cut(node, builder, x, cutBegin, Windows.Ones(rank), new Shape(cut));
        Shape shape = OnnxGraphBuilder.CheckedShape(node, padded);
        return shape.Equals(kept.Shape) ? kept : builder.Emit(node, new Pad(before, after, mode, value), TensorType.Like(kept, shape), kept);
    }

    public static Value Expand(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        long[] wanted = builder.OptionalInt64s(node, 1) ?? throw node.Fault("its shape is missing");
        return Broadcast(node, builder, x, OnnxGraphBuilder.BroadcastShape(node, x.Shape, OnnxGraphBuilder.CheckedShape(node, wanted)));
    }

    public static Value Tile(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        long[] repeats = builder.OptionalInt64s(node, 1) ?? throw node.Fault("its repeats are missing");
        if (repeats.Length != x.Shape.Rank)
        {
            throw node.Fault($"{repeats.Length} repeats do not fit the input {x.Shape}");
        }

        Value result = x;
        for (int i = 0; i < repeats.Length; i++)
        {
            // Repeated parts beyond that would be a network of their own.
            if (repeats[i] is < 1 or > 64)
            {
                throw node.Unsupported($"it repeats dimension {i} {repeats[i]} times; 1 to 64 are supported");
            }

            if (repeats[i] > 1)
            {
                result = LayoutOperators.Join(node, builder, [.. Enumerable.Repeat(result, (int)repeats[i])], i, TensorType.Like(result));
            }
        }

        return result;
    }

    private static Value Broadcast(OnnxNode node, OnnxGraphBuilder builder, Value x, Shape shape)
    {
        if (x.Shape.Equals(shape))
        {
            return x;
        }

        if (x.IsConstant)
        {
            builder.Spend(node, shape.ElementCount);
            return builder.Constant(node, ConstantEvaluator.Broadcast(x.Constant!, shape), x.Quantization);
        }

        if (x.Type == ElementType.Bool || x.Quantization is not null)
        {
            throw node.Unsupported($"it repeats elements of a tensor of type {x.Type} that the network computes");
        }

        // x + 0 of the wanted shape.
        builder.Spend(node, shape.ElementCount);
        Tensor zeros = ConstantEvaluator.FromInt64s(shape, new long[shape.ElementCount], x.Type);
        return ElementwiseOperators.Combine(node, builder, BinaryFunction.Add, x, builder.Constant(node, zeros));
    }

    /// <summary>The real that the integer which pads a quantized tensor stands for.</summary>
    private static float QuantizedPadding(OnnxNode node, OnnxGraphBuilder builder, QuantizationParameters quantization)
    {
        if (node.OptionalInput(2) is null || builder.RequireConstant(node, 2) is not { Type: ElementType.Int8 or ElementType.UInt8, Data.Length: 1 } integer)
        {
            throw node.Unsupported("it pads a quantized tensor with a number of unknown type");
        }

        return FakeQuantization.Dequantize(QuantizedTensors.Signed(integer), quantization).Floats[0];
    }

    private static (int Added, int Removed) Side(OnnxNode node, long pad) => Math.Abs(Math.Max(pad, -long.MaxValue)) > OnnxGraphBuilder.MaxElements
        ? throw node.Fault($"a padding of {pad} is not possible") : pad >= 0 ? ((int)pad, 0) : (0, (int)-pad);

    private static Value Cut(OnnxNode node, OnnxGraphBuilder builder, Value x, int[] begin, int[] step, Shape shape) =>
        shape.Equals(x.Shape) && Array.TrueForAll(step, s => s == 1) ? x
        : builder.Emit(node, new Slice(begin, step), TensorType.Like(x, shape), x);

    /// <summary>Start, step and count of a slice, clamped as ONNX says.</summary>
    private static (int Begin, int Step, int Count) Range(OnnxNode node, int extent, long start, long end, long step)
    {
        if (step == 0)
        {
            throw node.Fault("a step is 0");
        }

        step = Math.Clamp(step, -int.MaxValue, int.MaxValue);
        start = start < 0 ? start + extent : start;
        end = end < 0 ? end + extent : end;
        start = step > 0 ? Math.Clamp(start, 0, extent) : Math.Clamp(start, 0, Math.Max(extent - 1, 0));
        end = step > 0 ? Math.Clamp(end, 0, extent) : Math.Clamp(end, -1, Math.Max(extent - 1, 0));
        long count = extent == 0 ? 0 : step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step;
        return ((int)start, (int)step, (int)Math.Max(count, 0));
    }
}
