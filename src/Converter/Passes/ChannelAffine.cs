namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// x * Scale + Offset with one scale and one offset for each channel (the last dimension), and then the clamp:
/// what BatchNorm and Add, Sub, Mul, Div with a constant per channel have in common.
/// </summary>
internal sealed record ChannelAffine(Value X, float[] Scale, float[] Offset, Clamp Clamp)
{
    public bool HasOffset => Array.Exists(Offset, o => o != 0);

    /// <summary><paramref name="node"/> seen as an affine function of each channel; null if it is none.</summary>
    public static ChannelAffine? Of(Node node)
    {
        ChannelAffine? affine = node.Operator switch
        {
            BatchNorm norm => OfBatchNorm(node, norm),
            Binary binary => OfBinary(node, binary),
            _ => null,
        };
        return affine is not null && affine.X is { IsConstant: false } && affine.X.Shape.Equals(node.Output.Shape)
            && Array.TrueForAll(affine.Scale, float.IsFinite) && Array.TrueForAll(affine.Offset, float.IsFinite)
            ? affine : null;
    }

    private static ChannelAffine? OfBatchNorm(Node node, BatchNorm norm)
    {
        Value x = node.Input(0);
        if (Constants.Floats(node.Input(1)) is not { } scale || Constants.Floats(node.Input(2)) is not { } bias
            || Constants.Floats(node.Input(3)) is not { } mean || Constants.Floats(node.Input(4)) is not { } variance)
        {
            return null;
        }

        // (x - mean) / sqrt(variance + epsilon) * scale + bias, in double: the quotient is applied to whole networks.
        var factor = new float[scale.Length];
        var offset = new float[scale.Length];
        for (int c = 0; c < scale.Length; c++)
        {
            double f = scale[c] / Math.Sqrt(variance[c] + (double)norm.Epsilon);
            factor[c] = (float)f;
            offset[c] = (float)(bias[c] - (mean[c] * f));
        }

        return new ChannelAffine(x, factor, offset, Clamp.None);
    }

    private static ChannelAffine? OfBinary(Node node, Binary binary)
    {
        bool constantFirst = node.Input(0).IsConstant;
        Value x = node.Input(constantFirst ? 1 : 0);
        if (x.Shape.Rank == 0 || PerChannel(node.Input(constantFirst ? 0 : 1), x.Shape[-1]) is not { } constant)
        {
            return null;
        }

        var ones = new float[constant.Length];
        Array.Fill(ones, 1);
        var zeros = new float[constant.Length];
        return binary.Function switch
        {
            BinaryFunction.Add => new ChannelAffine(x, ones, constant, binary.Clamp),
            BinaryFunction.Sub when constantFirst => new ChannelAffine(x, Array.ConvertAll(ones, o => -o), constant, binary.Clamp),
            BinaryFunction.Sub => new ChannelAffine(x, ones, Array.ConvertAll(constant, c => -c), binary.Clamp),
            BinaryFunction.Mul => new ChannelAffine(x, constant, zeros, binary.Clamp),
            BinaryFunction.Div when !constantFirst => new ChannelAffine(x, Array.ConvertAll(constant, c => 1 / c), zeros, binary.Clamp),
            _ => null,
        };
    }

    /// <summary>A constant [C], [1,...,1,C] or of one element as C floats.</summary>
    private static float[]? PerChannel(Value value, int channels)
    {
        if (Constants.Floats(value) is not { } floats)
        {
            return null;
        }

        if (floats.Length == 1)
        {
            var all = new float[channels];
            Array.Fill(all, floats[0]);
            return all;
        }

        return floats.Length == channels && value.Shape[-1] == channels ? floats : null;
    }
}
