namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>CONV_2D, DEPTHWISE_CONV_2D and TRANSPOSE_CONV. Their weights lie as the graph wants them.</summary>
internal static class ConvolutionOperators
{
    /// <summary>Inputs x [N,H,W,C], weights [O,KH,KW,C/groups], bias [O]?.</summary>
    public static void Conv2D(OperatorImport op)
    {
        Value x = op.Input(0);
        Value weights = Weights.Read(op, x, 0);
        op.RequireRank(x, 4);
        op.RequireRank(weights, 4);
        op.RequireReals(x, op.Output());
        int channels = weights.Shape[0];
        if (weights.Shape.ElementCount == 0 || x.Shape[3] % weights.Shape[3] != 0 || channels % (x.Shape[3] / weights.Shape[3]) != 0)
        {
            throw op.Malformed($"has the weights {weights.Shape} for the input {x.Shape}");
        }

        int groups = x.Shape[3] / weights.Shape[3];
        FlatTable o = op.Options;
        Window window = Windows.Resolve(op, x.Shape, o.Byte(0), new Window(
            weights.Shape[1], weights.Shape[2], o.Int32(2), o.Int32(1), o.Int32(5, 1), o.Int32(4, 1)));
        Value? bias = Weights.ReadBias(op, 2, channels, x, weights);
        Activation.Emit(op, 3, clamp => new Conv2D(window, groups, clamp), Windows.OutputShape(op, x.Shape, window, channels), x, weights, bias);
    }

    /// <summary>Inputs x [N,H,W,C], weights [1,KH,KW,C*m], bias [C*m]?. The multiplier in the options is not looked at: the shapes say it.</summary>
    public static void DepthwiseConv2D(OperatorImport op)
    {
        Value x = op.Input(0);
        Value weights = Weights.Read(op, x, 3);
        op.RequireRank(x, 4);
        op.RequireRank(weights, 4);
        op.RequireReals(x, op.Output());
        int channels = weights.Shape[3];
        if (weights.Shape[0] != 1 || weights.Shape.ElementCount == 0 || x.Shape[3] == 0 || channels % x.Shape[3] != 0)
        {
            throw op.Malformed($"has the weights {weights.Shape} for the input {x.Shape}");
        }

        FlatTable o = op.Options;
        Window window = Windows.Resolve(op, x.Shape, o.Byte(0), new Window(
            weights.Shape[1], weights.Shape[2], o.Int32(2), o.Int32(1), o.Int32(6, 1), o.Int32(5, 1)));
        Value? bias = Weights.ReadBias(op, 2, channels, x, weights);
        Activation.Emit(op, 4, clamp => new DepthwiseConv2D(window, clamp), Windows.OutputShape(op, x.Shape, window, channels), x, weights, bias);
    }

    /// <summary>Inputs output shape [4], weights [O,KH,KW,C], x [N,H,W,C], bias [O]?.</summary>
    public static void TransposeConv(OperatorImport op)
    {
        int[] size = op.Integers(0, "output shape", 4);
        Value x = op.Input(2);
        Value weights = Weights.Read(op, x, 0);
        op.RequireRank(x, 4);
        op.RequireRank(weights, 4);
        op.RequireReals(x, op.Output());
        Shape shape = op.MakeShape(size);
        if (weights.Shape.ElementCount == 0 || weights.Shape[3] != x.Shape[3] || weights.Shape[0] != shape[3] || x.Shape[0] != shape[0])
        {
            throw op.Malformed($"has the weights {weights.Shape} for the input {x.Shape} and the output {shape}");
        }

        FlatTable o = op.Options;
        // The padding is that of the convolution which goes from this operator's output to its input.
        Window window = Windows.Resolve(op, shape, o.Byte(0), new Window(weights.Shape[1], weights.Shape[2], o.Int32(2), o.Int32(1)));
        if (!Windows.OutputShape(op, shape, window, x.Shape[3]).Equals(x.Shape))
        {
            throw op.Malformed($"cannot make {shape} of {x.Shape} with this kernel, stride and padding");
        }

        Value? bias = Weights.ReadBias(op, 3, shape[3], x, weights);
        Activation.Emit(op, 3, clamp => new TransposeConv2D(window, 1, clamp), shape, x, weights, bias);
    }
}
