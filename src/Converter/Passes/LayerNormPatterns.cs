namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Recognises layer normalization that exporters spell out: (x - mean) / sqrt(mean((x - mean)^2) + epsilon), or with k = scale / sqrt(...):
/// x * k + (bias - mean * k). A scale and a bias behind the first form become part of it by <see cref="BatchNormFolding"/>. Means go over the innermost dimensions,
/// or over the outermost ones: TensorFlow computes its layer normalization as a batch normalization of the transposed input.
/// </summary>
internal sealed class LayerNormPatterns : LocalPass
{
    public override string Description => "recognises layer normalization that is spelled out in single steps";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node) => TryRecognise(rewriter, node) || TryWithoutReshapes(rewriter, node);

    /// <summary>Rows are normalized one by one: a Reshape of the other dimensions before, and the one back behind, are not needed.</summary>
    private static bool TryWithoutReshapes(GraphRewriter rewriter, Node node)
    {
        if (node.Operator is not LayerNorm || rewriter.Producer(node.Input(0)) is not { Operator: Reshape } before
            || rewriter.OnlyConsumer(node.Output) is not { Operator: Reshape } behind || node.Output.Quantization is not null
            || before.Input(0) is not { Quantization: null, Type: ElementType.Float32, Shape.Rank: > 0 } source
            || !source.Shape.Equals(behind.Output.Shape) || source.Shape[-1] != node.Output.Shape[-1])
        {
            return false;
        }

        rewriter.Replace(behind, new Node(node.Name, node.Operator, [source, node.Input(1), node.Input(2)], [behind.Output]));
        return true;
    }

    private static bool TryRecognise(GraphRewriter rewriter, Node node)
    {
        if (node.Operator is not Binary binary || node.Output.Quantization is not null || (Normalized(rewriter, node) ?? Affine(rewriter, node)) is not { } found
            || !found.X.Shape.Equals(node.Output.Shape))
        {
            return false;
        }

        Shape shape = found.X.Shape;
        int width = found.Axes.Aggregate(1, (product, axis) => product * shape[axis]);
        bool isPlain = found.Axes is [var only] && only == shape.Rank - 1;
        if (width == 0 || Column(found.Scale, width, 1, isPlain) is not { } scale || Column(found.Bias, width, 0, isPlain) is not { } bias)
        {
            return false;
        }

        Value x = found.X;
        if (isPlain)
        {
            Node plain = Make(x, node.Output);
            rewriter.Replace(node, plain);
            return true;
        }

        // As rows, which are columns where the means go over the outermost dimensions.
        bool areColumns = !IsInner(shape, found.Axes);
        int rows = shape.ElementCount / width;
        Value flat = Append(new Reshape(), areColumns ? new Shape(width, rows) : new Shape(rows, width), x);
        Value turned = areColumns ? Append(new Transpose([1, 0]), new Shape(rows, width), flat) : flat;
        Value normalized = rewriter.NewValue(x, turned.Shape);
        rewriter.InsertBefore(node, Make(turned, normalized));
        Value back = areColumns ? Append(new Transpose([1, 0]), flat.Shape, normalized) : normalized;
        rewriter.Replace(node, new Node(node.Name + "/shape", new Reshape(), [back], [node.Output]));
        return true;

        Node Make(Value input, Value output) => new(
            node.Name,
            new LayerNorm(found.Epsilon, binary.Clamp),
            [input, .. new[] { ("scale", scale), ("bias", bias) }.Select(c => rewriter.NewConstant($"{node.Output.Name}/{c.Item1}", new Tensor(new Shape(width), c.Item2)))],
            [output]);

        Value Append(Operator op, Shape to, Value input)
        {
            Value output = rewriter.NewValue(x, to);
            rewriter.InsertBefore(node, new Node(output.Name, op, [input], [output]));
            return output;
        }
    }

    /// <summary>(x - mean) / deviation, or times its reciprocal.</summary>
    private static Found? Normalized(GraphRewriter rewriter, Node node)
    {
        foreach ((Value difference, Value? variance) in node.Operator switch
        {
            Binary { Function: BinaryFunction.Div } => new[] { (node.Input(0), Root(rewriter, node.Input(1))) },
            Binary { Function: BinaryFunction.Mul } => [(node.Input(0), InverseRoot(rewriter, node.Input(1))), (node.Input(1), InverseRoot(rewriter, node.Input(0)))],
            _ => [],
        })
        {
            if (Statistics(rewriter, variance) is { } found && IsDifference(rewriter, difference, found))
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>x * k + (bias - mean * k), or x * k - mean * k.</summary>
    private static Found? Affine(GraphRewriter rewriter, Node node)
    {
        switch (node.Operator)
        {
            case Binary { Function: BinaryFunction.Sub }:
                return Products(rewriter, node.Input(0), node.Input(1), null);
            case Binary { Function: BinaryFunction.Add }:
                for (int i = 0; i < 2; i++)
                {
                    if (Inner(rewriter, node.Input(i)) is { Operator: Binary { Function: BinaryFunction.Sub, Clamp.IsNone: true } } offset
                        && Products(rewriter, node.Input(1 - i), offset.Input(1), offset.Input(0)) is { } found)
                    {
                        return found;
                    }
                }

                return null;
            default:
                return null;
        }
    }

    /// <summary>x * k and mean * k of the same k.</summary>
    private static Found? Products(GraphRewriter rewriter, Value scaled, Value scaledMean, Value? bias)
    {
        if (Factors(rewriter, scaled) is not { } a || Factors(rewriter, scaledMean) is not { } b)
        {
            return null;
        }

        for (int i = 0; i < 2; i++)
        {
            for (int j = 0; j < 2; j++)
            {
                if (a[i] == b[j] && Factor(rewriter, a[i]) is { } found && found.X == a[1 - i] && IsMean(rewriter, b[1 - j], found))
                {
                    return found with { Bias = bias };
                }
            }
        }

        return null;
    }

    /// <summary>1 / deviation, or that times a scale.</summary>
    private static Found? Factor(GraphRewriter rewriter, Value value)
    {
        if (Statistics(rewriter, InverseRoot(rewriter, value)) is { } plain)
        {
            return plain;
        }

        if (Factors(rewriter, value) is not { } factors)
        {
            return null;
        }

        int scale = factors[0].IsConstant ? 0 : 1;
        return factors[scale].IsConstant && Statistics(rewriter, InverseRoot(rewriter, factors[1 - scale])) is { } found ? found with { Scale = factors[scale] } : null;
    }

    /// <summary>What <paramref name="sum"/> is the variance of, if it is one plus a constant.</summary>
    private static Found? Statistics(GraphRewriter rewriter, Value? sum)
    {
        if (Inner(rewriter, sum) is not { Operator: Binary { Function: BinaryFunction.Add, Clamp.IsNone: true } } add)
        {
            return null;
        }

        int constant = add.Input(1).IsConstant ? 1 : 0;
        if (!Constants.TryScalar(add.Input(constant), out float epsilon) || epsilon < 0
            || Mean(rewriter, add.Input(1 - constant)) is not { } squares || Squared(rewriter, squares.X) is not { } difference
            || Inner(rewriter, difference) is not { Operator: Binary { Function: BinaryFunction.Sub, Clamp.IsNone: true } } sub
            || Mean(rewriter, sub.Input(1)) is not { } mean || mean.X != sub.Input(0) || !mean.Axes.SequenceEqual(squares.Axes))
        {
            return null;
        }

        return new Found(mean.X, sub.Input(1), mean.Axes, epsilon);
    }

    /// <summary>Whether <paramref name="value"/> is x - mean too; other nodes may compute it again.</summary>
    private static bool IsDifference(GraphRewriter rewriter, Value value, Found found) =>
        Inner(rewriter, value) is { Operator: Binary { Function: BinaryFunction.Sub, Clamp.IsNone: true } } sub && sub.Input(0) == found.X
        && IsMean(rewriter, sub.Input(1), found);

    private static bool IsMean(GraphRewriter rewriter, Value value, Found found) =>
        value == found.Mean || (Mean(rewriter, value) is { } mean && mean.X == found.X && mean.Axes.SequenceEqual(found.Axes));

    /// <summary>What <paramref name="value"/> is the mean of, and over which of its dimensions of more than one element: all of the innermost ones, or all of the outermost.</summary>
    private static (Value X, int[] Axes)? Mean(GraphRewriter rewriter, Value value)
    {
        if (Inner(rewriter, value) is not { Operator: Reduce { Function: ReduceFunction.Mean } reduce } node)
        {
            return null;
        }

        Shape shape = node.Input(0).Shape;
        int[] axes = [.. reduce.Axes.Where(a => shape[a] != 1).Order()];
        bool isAligned = reduce.KeepDimensions || reduce.Axes.Order().SequenceEqual(Enumerable.Range(0, reduce.Axes.Length));
        return axes.Length > 0 && isAligned && (IsInner(shape, axes) || IsOuter(shape, axes)) ? (node.Input(0), axes) : null;
    }

    private static bool IsInner(Shape shape, int[] axes) => Enumerable.Range(axes[0], shape.Rank - axes[0]).All(d => shape[d] == 1 || axes.Contains(d));

    private static bool IsOuter(Shape shape, int[] axes) => Enumerable.Range(0, axes[^1]).All(d => shape[d] == 1 || axes.Contains(d));

    private static Value? Squared(GraphRewriter rewriter, Value value) => Inner(rewriter, value) switch
    {
        { Operator: Unary { Function: UnaryFunction.Square } } square => square.Input(0),
        { Operator: Binary { Function: BinaryFunction.Mul, Clamp.IsNone: true } } product when product.Input(0) == product.Input(1) => product.Input(0),
        { Operator: Binary { Function: BinaryFunction.Pow, Clamp.IsNone: true } } power when Constants.IsScalar(power.Input(1), 2) => power.Input(0),
        _ => null,
    };

    /// <summary>v, if <paramref name="value"/> is sqrt(v).</summary>
    private static Value? Root(GraphRewriter rewriter, Value value) => Inner(rewriter, value) switch
    {
        { Operator: Unary { Function: UnaryFunction.Sqrt } } root => root.Input(0),
        { Operator: Binary { Function: BinaryFunction.Pow, Clamp.IsNone: true } } power when Constants.IsScalar(power.Input(1), 0.5f) => power.Input(0),
        _ => null,
    };

    /// <summary>v, if <paramref name="value"/> is 1 / sqrt(v).</summary>
    private static Value? InverseRoot(GraphRewriter rewriter, Value value) => Inner(rewriter, value) switch
    {
        { Operator: Unary { Function: UnaryFunction.Rsqrt } } inverse => inverse.Input(0),
        { Operator: Unary { Function: UnaryFunction.Reciprocal } } inverse => Root(rewriter, inverse.Input(0)),
        { Operator: Binary { Function: BinaryFunction.Div, Clamp.IsNone: true } } quotient when Constants.IsScalar(quotient.Input(0), 1) => Root(rewriter, quotient.Input(1)),
        { Operator: Binary { Function: BinaryFunction.Pow, Clamp.IsNone: true } } power when Constants.IsScalar(power.Input(1), -0.5f) => power.Input(0),
        _ => null,
    };

    private static Value[]? Factors(GraphRewriter rewriter, Value value) =>
        Inner(rewriter, value) is { Operator: Binary { Function: BinaryFunction.Mul, Clamp.IsNone: true } } product ? [product.Input(0), product.Input(1)] : null;

    /// <summary>The node that makes <paramref name="value"/>, if its reals are not rounded to a quantization of their own.</summary>
    private static Node? Inner(GraphRewriter rewriter, Value? value) =>
        value is { Type: ElementType.Float32, Quantization: null } ? rewriter.Producer(value) : null;

    /// <summary>One number for each of <paramref name="width"/> columns; null where <paramref name="value"/> is no such constant.</summary>
    /// <param name="isPlain">Whether the columns are the innermost dimension; else only one number for all is understood.</param>
    private static float[]? Column(Value? value, int width, float otherwise, bool isPlain)
    {
        if (value is null || Constants.TryScalar(value, out otherwise))
        {
            return [.. Enumerable.Repeat(otherwise, width)];
        }

        if (Constants.Floats(value) is not { } floats)
        {
            return null;
        }

        return isPlain && floats.Length == width && value.Shape[-1] == width ? (float[])floats.Clone()
            : Array.TrueForAll(floats, f => f == floats[0]) ? [.. Enumerable.Repeat(floats[0], width)]
            : null;
    }

    /// <param name="X">What is normalized.</param>
    /// <param name="Mean">Its mean.</param>
    /// <param name="Axes">Dimensions of more than one element that are normalized together.</param>
    private sealed record Found(Value X, Value Mean, int[] Axes, float Epsilon)
    {
        /// <summary>A constant; null for 1.</summary>
        public Value? Scale { get; init; }

        /// <summary>A constant; null for 0.</summary>
        public Value? Bias { get; init; }
    }
}
