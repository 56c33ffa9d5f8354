using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>MEAN, ARG_MAX, SOFTMAX, and the largest element as MAX_POOL_2D.</summary>
internal static class Reductions
{
    /// <summary>What the sum of SOFTMAX, 12 integer bits wide, can hold.</summary>
    private const int MostClasses = 4095;

    public static void LowerReduce(LoweringContext context, Node node)
    {
        var op = (Reduce)node.Operator;
        switch (op.Function)
        {
            case ReduceFunction.Mean:
            case ReduceFunction.Sum:
                LowerMean(context, node, op);
                break;
            case ReduceFunction.Max:
            case ReduceFunction.Min:
                LowerExtreme(context, node, op);
                break;
            default:
                throw new UnsupportedException("a product over dimensions");
        }
    }

    public static void LowerArgMax(LoweringContext context, Node node)
    {
        var op = (ArgMax)node.Operator;
        BlobTensor x = context.Tensor(node.Input(0));
        (int outer, int inner) = x.Shape.Around(op.Axis);
        BlobTensor y = context.DefineIntegers(node.Output);
        context.Add(new BlobOperator(OperatorKind.ArgMax, node.Name, [x], y)
        {
            Parameters = [outer, x.Shape[op.Axis], inner, op.Smallest ? -1 : 1, op.LastOfEquals ? 1 : 0],
        });
    }

    public static void LowerSoftmax(LoweringContext context, Node node)
    {
        var op = (Softmax)node.Operator;
        if (op.Log)
        {
            throw new UnsupportedException("the runtime has no such operator");
        }

        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        BlobTensor target = context.SameScaleTarget(y, FixedOutputs.Softmax);
        int depth = x.Shape[op.Axis];
        if (depth > MostClasses)
        {
            throw new UnsupportedException($"{depth} elements in one sum; at most {MostClasses} are possible");
        }

        (int outer, int inner) = x.Shape.Around(op.Axis);
        if (inner == 1)
        {
            context.Add(MakeSoftmax(node, op, x, target, outer, depth));
        }
        else
        {
            var moved = new Shape(outer, inner, depth);
            BlobTensor last = context.Intermediate(x.Name + "/transposed", moved, x.Quantization!);
            context.Add(Copies.MakeStridedCopy(node, x, last, 0, new Strides([outer, inner, depth], [[depth * inner, 1, inner]])));
            BlobTensor result = context.Intermediate(y.Name + "/transposed", moved, target.Quantization!);
            context.Add(MakeSoftmax(node, op, last, result, outer * inner, depth));
            context.Add(Copies.MakeStridedCopy(node, result, target, 0, new Strides([outer, depth, inner], [[depth * inner, 1, depth]])));
        }

        context.Finish(node, target, y, Clamp.None);
    }

    /// <summary>PreprocessSoftmaxScaling with 5 integer bits.</summary>
    private static BlobOperator MakeSoftmax(Node node, Softmax op, BlobTensor x, BlobTensor y, int outer, int depth)
    {
        const int IntegerBits = 5;
        double real = Math.Min((double)op.Beta * x.Scale * (1 << (31 - IntegerBits)), (1L << 31) - 1.0);
        if (!(real > 1))
        {
            throw new UnsupportedException($"beta {op.Beta} times its input's scale {x.Scale} is too small");
        }

        QuantizedMultiplier factor = QuantizedMultiplier.From(real);
        return new BlobOperator(OperatorKind.Softmax, node.Name, [x], y)
        {
            Parameters = [outer, depth, factor.Multiplier, factor.Shift, -FixedPoint.InputRadius(IntegerBits, factor.Shift)],
        };
    }

    private static void LowerMean(LoweringContext context, Node node, Reduce op)
    {
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        int[] strides = x.Shape.Strides();
        int[] all = [.. Enumerable.Range(0, x.Shape.Rank)];
        Strides kept = Part(all.Except(op.Axes));
        Strides reduced = Part(op.Axes);

        // A sum is the mean times the number of elements.
        double count = op.Function == ReduceFunction.Sum ? op.Axes.Aggregate(1L, (product, axis) => product * x.Shape[axis]) : 1;
        QuantizedMultiplier factor = QuantizedMultiplier.From((double)x.Scale / y.Scale * count);
        (int min, int max) = FixedPoint.Range(Clamp.None, y.Quantization!);
        context.Add(new BlobOperator(OperatorKind.Mean, node.Name, [x], y)
        {
            Parameters =
            [
                x.ZeroPoint, y.ZeroPoint, factor.Multiplier, factor.Shift, min, max,
                kept.Dimensions.Length, .. kept.Dimensions, .. kept.Operands[0],
                reduced.Dimensions.Length, .. reduced.Dimensions, .. reduced.Operands[0],
            ],
        });

        Strides Part(IEnumerable<int> axes) => new Strides([.. axes.Select(a => x.Shape[a])], [[.. axes.Select(a => strides[a])]]).Collapse();
    }

    /// <summary>The largest element over adjacent dimensions: a pool of [outer, reduced, 1, inner]. The smallest: the same between two negations.</summary>
    private static void LowerExtreme(LoweringContext context, Node node, Reduce op)
    {
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        if (op.Axes.Length == 0 || op.Axes[^1] - op.Axes[0] != op.Axes.Length - 1)
        {
            throw new UnsupportedException("the largest or smallest element over dimensions that are not adjacent");
        }

        (int outer, _) = x.Shape.Around(op.Axes[0]);
        (_, int inner) = x.Shape.Around(op.Axes[^1]);
        int reduced = x.Shape.ElementCount / (outer * inner);
        bool isMin = op.Function == ReduceFunction.Min;
        BlobTensor source = x;
        if (isMin)
        {
            source = context.Intermediate(x.Name + "/negated", x.Shape, Tables.Negated(x.Quantization!));
            context.AddLookup(node, x, source, Tables.Negate());
        }

        BlobTensor target = isMin
            ? context.Intermediate(y.Name + "/negated", y.Shape, source.Quantization!)
            : context.SameScaleTarget(y, source.Quantization!);
        context.Add(Pools.Make(
            OperatorKind.MaxPool2D,
            node,
            context.View(source, source.Name + "/flat", new Shape(outer, reduced, 1, inner)),
            context.View(target, target.Name + "/flat", new Shape(outer, 1, 1, inner)),
            new Window(reduced, 1),
            Clamp.None));
        if (isMin)
        {
            BlobTensor positive = context.SameScaleTarget(y, x.Quantization!);
            context.AddLookup(node, target, positive, Tables.Negate());
            target = positive;
        }

        context.Finish(node, target, y, Clamp.None);
    }
}
