namespace TinyInference.Converter.Graphs;

/// <summary>What each operator asks of the shapes of its inputs and outputs.</summary>
internal static class ShapeRules
{
    /// <summary>What is wrong with the shapes at <paramref name="node"/>, for people; null if nothing is.</summary>
    public static string? Fault(Node node)
    {
        if (node.Outputs.Count != 1 && node.Operator is not Identity)
        {
            return $"has {node.Outputs.Count} outputs instead of 1";
        }

        int needed = Needed(node.Operator);
        if (node.Inputs.Count < needed || node.Inputs.Take(needed).Contains(null))
        {
            return $"needs {needed} inputs";
        }

        Shape x = node.Input(0).Shape;
        Shape? expected;
        try
        {
            expected = Expected(node, x);
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException or DivideByZeroException or InvalidOperationException)
        {
            return $"its attributes do not fit its inputs ({string.Join(", ", node.Inputs.OfType<Value>().Select(v => v.Shape))})";
        }

        if (expected is not null && !expected.Equals(node.Output.Shape))
        {
            return $"its output is {node.Output.Shape}, which should be {expected}";
        }

        return node.Operator is Reshape && x.ElementCount != node.Output.Shape.ElementCount
            ? $"cannot give {x} the shape {node.Output.Shape}"
            : null;
    }

    /// <summary>The shape that two operands have together, as NumPy broadcasts them.</summary>
    /// <exception cref="InvalidOperationException">The shapes cannot be broadcast.</exception>
    public static Shape Broadcast(Shape a, Shape b)
    {
        var result = new int[Math.Max(a.Rank, b.Rank)];
        for (int i = 1; i <= result.Length; i++)
        {
            int left = i <= a.Rank ? a[-i] : 1;
            int right = i <= b.Rank ? b[-i] : 1;
            result[^i] = left == right || right == 1 ? left : left == 1 ? right : throw new InvalidOperationException($"{a} and {b} do not broadcast");
        }

        return new Shape(result);
    }

    private static int Needed(Operator op) => op switch
    {
        Conv2D or DepthwiseConv2D or TransposeConv2D or FullyConnected or MatMul or Binary or PRelu or Gather => 2,
        BatchNorm => 5,
        Recurrent or LayerNorm => 3,
        _ => 1,
    };

    /// <summary>The output's shape as it follows from the inputs; null where it does not follow.</summary>
    private static Shape? Expected(Node node, Shape x)
    {
        Shape y = node.Output.Shape;
        switch (node.Operator)
        {
            case Conv2D conv:
                Shape w = node.Input(1).Shape;
                Check(x.Rank == 4 && w.Rank == 4 && w[3] * conv.Groups == x[3] && w[0] % conv.Groups == 0 && FitsKernel(conv.Window, w));
                CheckVector(node, 2, w[0]);
                return Windowed(conv.Window, x, w[0]);
            case DepthwiseConv2D conv:
                w = node.Input(1).Shape;
                Check(x.Rank == 4 && w.Rank == 4 && w[0] == 1 && w[3] % x[3] == 0 && FitsKernel(conv.Window, w));
                CheckVector(node, 2, w[3]);
                return Windowed(conv.Window, x, w[3]);
            case TransposeConv2D conv:
                w = node.Input(1).Shape;
                Check(x.Rank == 4 && y.Rank == 4 && w.Rank == 4 && w[3] * conv.Groups == x[3] && FitsKernel(conv.Window, w));
                CheckVector(node, 2, w[0]);
                return new Shape(x[0], y[1], y[2], w[0]);
            case FullyConnected:
                w = node.Input(1).Shape;
                Check(w.Rank == 2 && x.Rank >= 1 && x[-1] == w[1]);
                CheckVector(node, 2, w[0]);
                return x.With(-1, w[0]);
            case Recurrent cell:
                w = node.Input(1).Shape;
                Shape r = node.Input(2).Shape;
                Check(x.Rank == 3 && w.Rank == 2 && r.Rank == 2 && x[2] == w[1] && r[0] == w[0] && r[1] * cell.Gates == r[0]);
                CheckVector(node, 3, w[0]);
                CheckVector(node, 4, w[0]);
                return x.With(2, r[1]);
            case TreeEnsemble trees:
                Check(x.Rank >= 1 && x[-1] == trees.Features);
                return x.With(-1, trees.Outputs);
            case MatMul:
                return MatMulShape(x, node.Input(1).Shape);
            case Binary:
                return Broadcast(x, node.Input(1).Shape);
            case PRelu:
                Check(node.Input(1).Shape.ElementCount == 1 || node.Input(1).Shape.ElementCount == x[-1]);
                return x;
            case Pool2D pool:
                Check(x.Rank == 4);
                return Windowed(pool.Window, x, x[3]);
            case Reduce reduce:
                return Reduced(x, reduce.Axes, reduce.KeepDimensions);
            case ArgMax arg:
                return Reduced(x, [arg.Axis], arg.KeepDimensions);
            case Pad pad:
                Check(pad.Before.Length == x.Rank && pad.After.Length == x.Rank);
                return new Shape([.. x.Select((d, i) => d + pad.Before[i] + pad.After[i])]);
            case Concat concat:
                Check(node.Inputs.All(v => v is not null && v.Shape.Rank == x.Rank && v.Shape.With(concat.Axis, 0).Equals(x.With(concat.Axis, 0))));
                return x.With(concat.Axis, node.Inputs.Sum(v => v!.Shape[concat.Axis]));
            case Transpose transpose:
                Check(transpose.Permutation.Order().SequenceEqual(Enumerable.Range(0, x.Rank)));
                return new Shape([.. transpose.Permutation.Select(i => x[i])]);
            case Slice slice:
                CheckSlice(slice, x, y);
                return null;
            case Softmax softmax:
                Check(softmax.Axis >= 0 && softmax.Axis < x.Rank);
                return x;
            case BatchNorm:
                Check(Enumerable.Range(1, 4).All(i => node.Input(i).Shape.ElementCount == x[-1]));
                return x;
            case LayerNorm:
                Check(Enumerable.Range(1, 2).All(i => node.Input(i).Shape.ElementCount == x[-1]));
                return x;
            case Gather gather:
                Check(gather.Axis >= 0 && gather.Axis < x.Rank);
                return new Shape([.. x.Take(gather.Axis), .. node.Input(1).Shape, .. x.Skip(gather.Axis + 1)]);
            case Resize:
                Check(x.Rank == 4 && y.Rank == 4 && x[0] == y[0] && x[3] == y[3]);
                return null;
            case Unary or Quantize or Dequantize or Cast or Identity:
                return x;
            default:
                return null;
        }
    }

    private static void Check(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("shapes do not fit");
        }
    }

    private static void CheckVector(Node node, int input, int length) =>
        Check(node.OptionalInput(input) is not { } vector || vector.Shape.ElementCount == length);

    private static bool FitsKernel(Window window, Shape weights) => weights[1] == window.KernelH && weights[2] == window.KernelW;

    private static Shape Windowed(Window window, Shape x, int channels) =>
        new(x[0], window.OutputHeight(x[1]), window.OutputWidth(x[2]), channels);

    private static Shape MatMulShape(Shape a, Shape b)
    {
        Check(a.Rank >= 2 && b.Rank >= 2 && a[-1] == b[-2]);
        Shape leading = Broadcast(new Shape(a.AsSpan()[..^2]), new Shape(b.AsSpan()[..^2]));
        return new Shape([.. leading, a[-2], b[-1]]);
    }

    private static Shape Reduced(Shape x, int[] axes, bool keepDimensions)
    {
        Check(axes.All(a => a >= 0 && a < x.Rank));
        return keepDimensions
            ? new Shape([.. x.Select((d, i) => axes.Contains(i) ? 1 : d)])
            : new Shape([.. x.Where((_, i) => !axes.Contains(i))]);
    }

    private static void CheckSlice(Slice slice, Shape x, Shape y)
    {
        Check(slice.Begin.Length == x.Rank && slice.Step.Length == x.Rank && y.Rank == x.Rank);
        for (int i = 0; i < x.Rank; i++)
        {
            long last = slice.Begin[i] + ((y[i] - 1L) * slice.Step[i]);
            Check(y[i] == 0 || (slice.Begin[i] >= 0 && slice.Begin[i] < x[i] && last >= 0 && last < x[i]));
        }
    }
}
