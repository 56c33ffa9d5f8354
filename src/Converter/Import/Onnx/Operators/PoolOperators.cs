namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>AveragePool, MaxPool and their global forms.</summary>
internal static class PoolOperators
{
    public static Value AveragePool(OnnxNode node, OnnxGraphBuilder builder) => Average(node, builder, node.Input(0), TensorType.Like(node.Input(0)));

    /// <param name="result">Element type and quantization of the result.</param>
    public static Value Average(OnnxNode node, OnnxGraphBuilder builder, Value x, TensorType result)
    {
        bool countPadding = node.Flag("count_include_pad");
        Windows.Result read = Windows.Read(node, x.Shape, Kernel(node, x.Shape));
        Value image = builder.ToImage(node, x);
        Window window = read.WithCeil;
        if (countPadding && read.Window.HasPadding && window != read.Window)
        {
            // Padding counts in the divisor, but not what ceil_mode adds: the one becomes elements, the other stays padding.
            Window w = read.Window;
            Shape padded = OnnxGraphBuilder.CheckedShape(node, image.Shape[0], (long)image.Shape[1] + w.PadTop + w.PadBottom,
                (long)image.Shape[2] + w.PadLeft + w.PadRight, image.Shape[3]);
            image = builder.Emit(node, new Pad([0, w.PadTop, w.PadLeft, 0], [0, w.PadBottom, w.PadRight, 0], PadMode.Constant, 0),
                TensorType.Like(image, padded), image);
            window = w with { PadTop = 0, PadLeft = 0, PadBottom = read.CeilBottom, PadRight = read.CeilRight };
            countPadding = false;
        }

        countPadding &= read.Window.HasPadding;
        return Pool(node, builder, image, new Pool2D(PoolFunction.Average, window, countPadding, Clamp.None), x.Shape.Rank, result);
    }

    public static Value MaxPool(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        Window window = Windows.Read(node, x.Shape, Kernel(node, x.Shape)).WithCeil;
        var pool = new Pool2D(PoolFunction.Max, window, false, Clamp.None);
        if (x.Type == ElementType.Float32 || x.Quantization is not null)
        {
            return Pool(node, builder, builder.ToImage(node, x), pool, x.Shape.Rank, TensorType.Like(x));
        }

        // Integers that stand for themselves (8 bits by the specification) are computed as reals.
        var reals = new TensorType(ElementType.Float32, x.Shape);
        Value y = Pool(node, builder, builder.ToImage(node, builder.Emit(node, new Cast(), reals, x)), pool, x.Shape.Rank, reals);
        return builder.Emit(node, new Cast(), new TensorType(x.Type, y.Shape), y);
    }

    public static Value GlobalAveragePool(OnnxNode node, OnnxGraphBuilder builder) =>
        Global(node, builder, node.Input(0), PoolFunction.Average, TensorType.Like(node.Input(0)));

    public static Value GlobalMaxPool(OnnxNode node, OnnxGraphBuilder builder) =>
        Global(node, builder, node.Input(0), PoolFunction.Max, TensorType.Like(node.Input(0)));

    /// <summary>Pooling over all of the spatial dimensions of <paramref name="x"/>.</summary>
    /// <param name="result">Element type and quantization of the result.</param>
    public static Value Global(OnnxNode node, OnnxGraphBuilder builder, Value x, PoolFunction function, TensorType result)
    {
        Value image = builder.ToImage(node, x);
        if (image.Shape.ElementCount == 0)
        {
            throw node.Fault($"its input {x.Shape} is empty");
        }

        var window = new Window(image.Shape[1], image.Shape[2]);
        return Pool(node, builder, image, new Pool2D(function, window, false, Clamp.None), x.Shape.Rank, result);
    }

    private static int[] Kernel(OnnxNode node, Shape x) => node.SmallInts("kernel_shape", Windows.SpatialRank(node, x), 1)
        ?? throw node.Fault("it has no kernel_shape");

    private static Value Pool(OnnxNode node, OnnxGraphBuilder builder, Value image, Pool2D pool, int rank, TensorType result)
    {
        Window w = pool.Window;
        if (pool.Function == PoolFunction.Max || !pool.CountPadding)
        {
            long reachH = ((w.KernelH - 1L) * w.DilationH) + 1;
            long reachW = ((w.KernelW - 1L) * w.DilationW) + 1;
            if (Math.Max(w.PadTop, w.PadBottom) >= reachH || Math.Max(w.PadLeft, w.PadRight) >= reachW)
            {
                throw node.Fault("its padding is as large as its kernel");
            }
        }

        Shape shape = OnnxGraphBuilder.CheckedShape(node, image.Shape[0], w.OutputHeight(image.Shape[1]), w.OutputWidth(image.Shape[2]), image.Shape[3]);
        return builder.FromImage(node, builder.Emit(node, pool, result with { Shape = shape }, image), rank);
    }
}
