namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Makes BatchNorm, and Add, Sub, Mul, Div with a constant per channel, part of the weights and bias of the convolution or
/// FullyConnected before or after, or of the scale and bias of a LayerNorm before. A BatchNorm that has no such neighbour becomes Mul and Add. Float weights only.
/// </summary>
internal sealed class BatchNormFolding : LocalPass
{
    public override string Description => "makes BatchNorm and constant scales and offsets part of the weights beside them";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (ChannelAffine.Of(node) is not { } affine)
        {
            return false;
        }

        return TryIntoProducer(rewriter, node, affine) || TryIntoLayerNorm(rewriter, node, affine) || TryIntoConsumer(rewriter, node, affine)
            || (node.Operator is BatchNorm && Split(rewriter, node, affine));
    }

    /// <summary>conv(x) * s + t: weights of output channel o times s[o], bias * s + t.</summary>
    private static bool TryIntoProducer(GraphRewriter rewriter, Node node, ChannelAffine affine)
    {
        if (affine.X.Quantization is not null || rewriter.PrivateProducer(affine.X) is not { } producer
            || Weighted.Of(producer) is not { Clamp.IsNone: true } weighted || weighted.Outputs != affine.Scale.Length)
        {
            return false;
        }

        var weights = (float[])weighted.Weights.Clone();
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] *= affine.Scale[weighted.OutputOf(i)];
        }

        var bias = new float[weighted.Outputs];
        for (int o = 0; o < bias.Length; o++)
        {
            bias[o] = ((weighted.Bias?[o] ?? 0) * affine.Scale[o]) + affine.Offset[o];
        }

        weighted.Store(rewriter, weights, bias, affine.Clamp);
        rewriter.Absorb(producer, node);
        return true;
    }

    /// <summary>(normalized * scale + bias) * s + t: scale * s and bias * s + t.</summary>
    private static bool TryIntoLayerNorm(GraphRewriter rewriter, Node node, ChannelAffine affine)
    {
        // A Reshape that leaves the channels alone may stand between.
        Node? last = rewriter.PrivateProducer(affine.X);
        Node? first = last is { Operator: Reshape } && last.Input(0) is { Quantization: null, Shape.Rank: > 0 } rows && rows.Shape[-1] == affine.Scale.Length
            ? rewriter.PrivateProducer(rows)
            : last;
        if (affine.X.Quantization is not null || first is not { Operator: LayerNorm { Clamp.IsNone: true } norm } producer
            || Constants.Floats(producer.Input(1)) is not { } scale || Constants.Floats(producer.Input(2)) is not { } bias || scale.Length != affine.Scale.Length)
        {
            return false;
        }

        var shape = new Shape(scale.Length);
        float[] scales = [.. scale.Select((s, c) => s * affine.Scale[c])];
        float[] biases = [.. bias.Select((b, c) => (b * affine.Scale[c]) + affine.Offset[c])];
        rewriter.SetInput(producer, 1, rewriter.NewConstant(producer.Input(1).Name, new Tensor(shape, scales)));
        rewriter.SetInput(producer, 2, rewriter.NewConstant(producer.Input(2).Name, new Tensor(shape, biases)));
        producer.Operator = norm with { Clamp = affine.Clamp };
        rewriter.Absorb(last!, node);
        return true;
    }

    /// <summary>conv(x * s + t): weights that read channel c times s[c], and the sum of weight * t[c] to the bias.</summary>
    private static bool TryIntoConsumer(GraphRewriter rewriter, Node node, ChannelAffine affine)
    {
        if (!affine.Clamp.IsNone || node.Output.Quantization is not null || affine.X.Type != ElementType.Float32
            || rewriter.OnlyConsumer(node.Output) is not { } consumer || consumer.Inputs[0] != node.Output
            || Weighted.Of(consumer) is not { } weighted || weighted.Inputs != affine.Scale.Length
            || (affine.HasOffset && !weighted.SeesOnlyInput))
        {
            return false;
        }

        var weights = (float[])weighted.Weights.Clone();
        var bias = new double[weighted.Outputs];
        for (int i = 0; i < weights.Length; i++)
        {
            int c = weighted.InputOf(i);
            bias[weighted.OutputOf(i)] += (double)weights[i] * affine.Offset[c];
            weights[i] *= affine.Scale[c];
        }

        for (int o = 0; o < bias.Length; o++)
        {
            bias[o] += weighted.Bias?[o] ?? 0;
        }

        float[]? newBias = weighted.Bias is null && !affine.HasOffset ? null : Array.ConvertAll(bias, b => (float)b);
        weighted.Store(rewriter, weights, newBias, Clamp.None);
        rewriter.SetInput(consumer, 0, affine.X);
        rewriter.Remove(node);
        return true;
    }

    private static bool Split(GraphRewriter rewriter, Node node, ChannelAffine affine)
    {
        var shape = new Shape(affine.Scale.Length);
        Value scale = rewriter.NewConstant(node.Output.Name + "/scale", new Tensor(shape, affine.Scale));
        Value scaled = new(rewriter.UniqueName(node.Output.Name + "/scaled"), ElementType.Float32, node.Output.Shape);
        var multiply = new Node(node.Name, new Binary(BinaryFunction.Mul, Clamp.None), [affine.X, scale], [scaled]);
        Value offset = rewriter.NewConstant(node.Output.Name + "/offset", new Tensor(shape, affine.Offset));
        var add = new Node(node.Name, new Binary(BinaryFunction.Add, Clamp.None), [scaled, offset], [node.Output]);
        rewriter.InsertBefore(node, multiply);
        rewriter.Replace(node, add);
        return true;
    }
}
