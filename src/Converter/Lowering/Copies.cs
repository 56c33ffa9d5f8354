using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>Operators that only move elements: STRIDED_COPY, CONCATENATION, PAD, GATHER, and those that move nothing.</summary>
internal static class Copies
{
    /// <summary>Reshape and Identity: the same bytes under another shape.</summary>
    public static void LowerReshape(LoweringContext context, Node node)
    {
        BlobTensor x = context.AnyTensor(node.Input(0));
        if (node.Output.Quantization is { } quantization && x.Quantization is not null && !quantization.Equals(x.Quantization))
        {
            BlobTensor y = context.Define(node.Output);
            context.Finish(node, x, y, Clamp.None);
            return;
        }

        context.DefineAny(node.Output, x);
    }

    public static void LowerCast(LoweringContext context, Node node)
    {
        BlobTensor x = context.AnyTensor(node.Input(0));
        if (x.Type == TensorType.Int8 && node.Output.Type != ElementType.Int8)
        {
            throw new UnsupportedException($"a cast of quantized '{node.Input(0).Name}' to {node.Output.Type}");
        }

        LowerReshape(context, node);
    }

    public static void LowerTranspose(LoweringContext context, Node node)
    {
        int[] permutation = ((Transpose)node.Operator).Permutation;
        BlobTensor x = context.Tensor(node.Input(0));
        int[] strides = x.Shape.Strides();
        LowerCopy(context, node, x, 0, Array.ConvertAll(permutation, p => strides[p]));
    }

    public static void LowerSlice(LoweringContext context, Node node)
    {
        var op = (Slice)node.Operator;
        BlobTensor x = context.Tensor(node.Input(0));
        int[] strides = x.Shape.Strides();
        int offset = 0;
        for (int d = 0; d < strides.Length; d++)
        {
            offset += op.Begin[d] * strides[d];
            strides[d] *= op.Step[d];
        }

        LowerCopy(context, node, x, offset, strides);
    }

    public static void LowerConcat(LoweringContext context, Node node)
    {
        // The outputs + inputs of an operator in a blob.
        const int MostTensors = 64;
        int axis = ((Concat)node.Operator).Axis;
        if (node.Inputs.Count + 1 > MostTensors)
        {
            throw new UnsupportedException($"{node.Inputs.Count} inputs; at most {MostTensors - 1} can be joined at once");
        }

        BlobTensor[] inputs = [.. node.Inputs.Select(i => context.Tensor(i!))];
        BlobTensor y = context.Define(node.Output);
        (int outer, _) = y.Shape.Around(axis);
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = context.Requantize(node, inputs[i], y.Quantization!);
        }

        context.Add(new BlobOperator(OperatorKind.Concatenation, node.Name, inputs, y)
        {
            Parameters = [outer, .. inputs.Select(i => i.Shape.ElementCount / outer)],
        });
    }

    public static void LowerPad(LoweringContext context, Node node)
    {
        var op = (Pad)node.Operator;
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        BlobTensor target = context.SameScaleTarget(y, x.Quantization!);
        if (op.Mode == PadMode.Constant)
        {
            context.Add(new BlobOperator(OperatorKind.Pad, node.Name, [x], target)
            {
                Parameters = [FixedPoint.Quantize(op.Value, x.Scale, x.ZeroPoint), .. op.Before],
            });
        }
        else
        {
            PadByGathering(context, node, op, x, target);
        }

        context.Finish(node, target, y, Clamp.None);
    }

    public static void LowerGather(LoweringContext context, Node node)
    {
        if (Recurrents.TryLowerEmbedding(context, node))
        {
            return;
        }

        int axis = ((Gather)node.Operator).Axis;
        BlobTensor x = context.Tensor(node.Input(0));
        Value indices = node.Input(1);
        BlobTensor? indexTensor = indices.IsConstant ? null : context.AnyTensor(indices);
        if (indexTensor is { Type: not TensorType.Int32 })
        {
            throw new UnsupportedException($"its indices '{indices.Name}' are no integers");
        }

        BlobTensor y = context.Define(node.Output);
        BlobTensor target = context.SameScaleTarget(y, x.Quantization!);
        if (indexTensor is null)
        {
            int extent = x.Shape[axis];
            int[] constant = Array.ConvertAll(indices.Constant!.ToInt32s(), i => i < 0 ? i + extent : i);
            if (Array.Exists(constant, i => i < 0 || i >= extent))
            {
                throw new UnsupportedException($"an index in '{indices.Name}' is outside 0 to {extent - 1}");
            }

            context.Add(MakeGather(node, x, target, axis, constant));
        }
        else
        {
            context.Add(new BlobOperator(OperatorKind.Gather, node.Name, [x, indexTensor], target)
            {
                Parameters = GatherParameters(x.Shape, axis, indices.Shape.ElementCount),
            });
        }

        context.Finish(node, target, y, Clamp.None);
    }

    public static BlobOperator MakeStridedCopy(Node node, BlobTensor x, BlobTensor y, int offset, Strides strides)
    {
        Strides walk = strides.Collapse();
        return new BlobOperator(OperatorKind.StridedCopy, node.Name, [x], y)
        {
            Parameters = [offset, walk.Dimensions.Length, .. walk.Dimensions, .. walk.Operands[0]],
        };
    }

    /// <summary>y[i, j, ...] = x[offset + i * strides[0] + j * strides[1] ...]; no operator where that is x as it stands.</summary>
    private static void LowerCopy(LoweringContext context, Node node, BlobTensor x, int offset, int[] strides)
    {
        Shape shape = node.Output.Shape;
        Strides walk = new Strides(shape.ToArray(), [strides]).Collapse();
        if (offset == 0 && shape.ElementCount == x.Shape.ElementCount && (walk.Dimensions.Length == 0 || walk.Operands[0] is [1]))
        {
            LowerReshape(context, node);
            return;
        }

        BlobTensor y = context.Define(node.Output);
        BlobTensor target = context.SameScaleTarget(y, x.Quantization!);
        context.Add(MakeStridedCopy(node, x, target, offset, walk));
        context.Finish(node, target, y, Clamp.None);
    }

    /// <summary>Reflection and repetition of the edge: one GATHER for each padded dimension.</summary>
    private static void PadByGathering(LoweringContext context, Node node, Pad op, BlobTensor x, BlobTensor target)
    {
        int[] axes = [.. Enumerable.Range(0, x.Shape.Rank).Where(d => op.Before[d] != 0 || op.After[d] != 0)];
        foreach (int axis in axes)
        {
            int extent = x.Shape[axis];
            int[] indices = [.. Enumerable.Range(-op.Before[axis], target.Shape[axis]).Select(i => Source(op.Mode, i, extent))];
            Shape shape = x.Shape.With(axis, indices.Length);
            BlobTensor y = axis == axes[^1] ? target : context.Intermediate(x.Name + "/padded", shape, x.Quantization!);
            context.Add(MakeGather(node, x, y, axis, indices));
            x = y;
        }

        if (axes.Length == 0)
        {
            context.AddLookup(node, x, target, Tables.Make(v => v));
        }
    }

    /// <summary>Which index an index outside 0 to extent - 1 stands for.</summary>
    private static int Source(PadMode mode, int index, int extent)
    {
        int source = mode switch
        {
            PadMode.Edge => Math.Clamp(index, 0, extent - 1),
            PadMode.Reflect => index < 0 ? -index : index >= extent ? (2 * (extent - 1)) - index : index,
            _ => index < 0 ? -1 - index : index >= extent ? (2 * extent) - 1 - index : index,
        };
        return source >= 0 && source < extent ? source : throw new UnsupportedException("padding beyond the input's own size");
    }

    private static BlobOperator MakeGather(Node node, BlobTensor x, BlobTensor y, int axis, int[] indices) => new(OperatorKind.Gather, node.Name, [x], y)
    {
        Parameters = GatherParameters(x.Shape, axis, indices.Length),
        Biases = indices,
    };

    private static int[] GatherParameters(Shape shape, int axis, int count)
    {
        (int outer, int inner) = shape.Around(axis);
        return [outer, shape[axis], inner, count];
    }
}
