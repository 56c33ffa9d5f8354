namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>AveragePool, MaxPool and their global forms.</summary>
internal static class PoolOperators
{
    public static Value AveragePool(OnnxNode node, OnnxGraphBuilder builder) => Average(node, builder, node.Input(0), TensorType.Like(node.Input(0)));

    /// <param name="result">Element type and quantization of the result.</param>
    public static Value Average(OnnxNode node, OnnxGraphBuilder builder, Value x, TensorType result)
    {
        return Spatially(node, builder, x, (planes, window) => Average(node, builder, planes, window, result));
    }

    private static Value Average(OnnxNode node, OnnxGraphBuilder builder, Value x, Windows.Result read, TensorType result)
    {
        bool countPadding = node.Flag("count_include_pad");
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
        if (x.Type == ElementType.Float32 || x.Quantization is not null)
        {
            return Max(node, builder, x);
        }

        // Integers that stand for themselves (8 bits by the specification) are computed as reals.
        Value y = Max(node, builder, builder.Emit(node, new Cast(), new TensorType(ElementType.Float32, x.Shape), x));
        return builder.Emit(node, new Cast(), new TensorType(x.Type, y.Shape), y);
    }

    private static Value Max(OnnxNode node, OnnxGraphBuilder builder, Value x) => Spatially(node, builder, x, (planes, window) =>
        Pool(node, builder, builder.ToImage(node, planes), new Pool2D(PoolFunction.Max, window.WithCeil, false, Clamp.None), planes.Shape.Rank, TensorType.Like(planes)));

    /// <summary>
    /// Pools over one or two spatial dimensions at once, over three in two steps: height and width of each plane, then depth. A maximum of maxima is a maximum, and
    /// a mean of means a mean, since each window is a box: its share outside the input is the same along one side wherever it lies along the others.
    /// </summary>
    private static Value Spatially(OnnxNode node, OnnxGraphBuilder builder, Value x, Func<Value, Windows.Result, Value> pool)
    {
        Shape shape = x.Shape;
        if (shape.Rank != 5)
        {
            return pool(x, Windows.Read(node, shape, Kernel(node, Windows.SpatialRank(node, shape))));
        }

        (Windows.Result plane, Windows.Result depth) = Windows.Read3D(node, shape, Kernel(node, 3));
        Value planes = pool(builder.Reshape(node, x, OnnxGraphBuilder.CheckedShape(node, shape[0], (long)shape[1] * shape[2], shape[3], shape[4])), plane);
        int height = planes.Shape[2];
        int width = planes.Shape[3];
        Value y = pool(builder.Reshape(node, planes, OnnxGraphBuilder.CheckedShape(node, shape[0], shape[1], shape[2], (long)height * width)), depth);
        return builder.Reshape(node, y, new Shape(shape[0], shape[1], y.Shape[2], height, width));
    }

    public static Value GlobalAveragePool(OnnxNode node, OnnxGraphBuilder builder) =>
        Global(node, builder, node.Input(0), PoolFunction.Average, TensorType.Like(node.Input(0)));

    public static Value GlobalMaxPool(OnnxNode node, OnnxGraphBuilder builder) =>
        Global(node, builder, node.Input(0), PoolFunction.Max, TensorType.Like(node.Input(0)));

    /// <summary>Pooling over all of the spatial dimensions of <paramref name="x"/>.</summary>
    /// <param name="result">Element type and quantization of the result.</param>
    public static Value Global(OnnxNode node, OnnxGraphBuilder builder, Value x, PoolFunction function, TensorType result)
    {
        if (x.Shape.Rank == 5)
        {
            // All of it at once: how depth, height and width are told apart does not matter.
            Shape s = x.Shape;
            Value y = Global(node, builder, builder.Reshape(node, x, OnnxGraphBuilder.CheckedShape(node, s[0], s[1], (long)s[2] * s[3], s[4])), function, result);
            return builder.Reshape(node, y, new Shape(s[0], s[1], 1, 1, 1));
        }

        Value image = builder.ToImage(node, x);
        if (image.Shape.ElementCount == 0)
        {
            throw node.Fault($"its input {x.Shape} is empty");
        }

        var window = new Window(image.Shape[1], image.Shape[2]);
        return Pool(node, builder, image, new Pool2D(function, window, false, Clamp.None), x.Shape.Rank, result);
    }

    private static int[] Kernel(OnnxNode node, int dimensions) => node.SmallInts("kernel_shape", dimensions, 1)
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
