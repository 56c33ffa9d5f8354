namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>Weights and biases of the operators that have them, in the form that the graph wants beside a given input.</summary>
internal static class Weights
{
    /// <summary>Every operator with weights has them as input 1.</summary>
    private const int WeightsInput = 1;

    /// <summary>TensorFlow Lite's bound on what a bias scale may be off, in units of the output's scale.</summary>
    private const double BiasScaleTolerance = 0.02;

    /// <summary>
    /// The constant weights for <paramref name="x"/>: float beside a float input (weights stored as int8 are dequantized), symmetric
    /// int8 beside an int8 input.
    /// </summary>
    /// <param name="op">The operator.</param>
    /// <param name="x">What the weights multiply.</param>
    /// <param name="axis">The dimension that output channels, and so scales, run along.</param>
    public static Value Read(OperatorImport op, Value x, int axis)
    {
        op.RequireReals(x);
        Value weights = op.Input(WeightsInput);
        if (weights.Constant is null)
        {
            throw op.Unsupported($"its weights '{weights.Name}' are computed");
        }

        if (weights.Quantization is { IsPerTensor: false } perChannel && perChannel.Axis != axis)
        {
            throw op.Malformed($"has weights with scales along dimension {perChannel.Axis} instead of {axis}");
        }

        if (x.Type == ElementType.Float32)
        {
            return Floats(op, weights);
        }

        if (weights.Type != ElementType.Int8)
        {
            throw op.Unsupported($"its weights '{weights.Name}' are {weights.Type} beside an int8 input");
        }

        return weights.Quantization!.ZeroPoints.All(static z => z == 0) ? weights : MakeSymmetric(op, weights, axis);
    }

    /// <summary>The bias, or null: float beside float weights; int32 with the scale of the accumulator beside int8 weights.</summary>
    public static Value? ReadBias(OperatorImport op, int index, int channels, Value x, Value weights)
    {
        Value? bias = op.OptionalInput(index);
        if (bias is null)
        {
            return null;
        }

        if (bias.Constant is null)
        {
            throw op.Unsupported($"its bias '{bias.Name}' is computed");
        }

        if (bias.Shape.ElementCount != channels)
        {
            throw op.Malformed($"has {channels} output channels but the bias '{bias.Name}' of shape {bias.Shape}");
        }

        if (bias.Shape.Rank != 1)
        {
            bias = op.NewConstant(bias.Name, bias.Constant.Reshape(new Shape(channels)), bias.Quantization);
        }

        if (x.Type == ElementType.Float32)
        {
            return Floats(op, bias);
        }

        if (bias.Type != ElementType.Int32)
        {
            throw op.Malformed($"is int8, but its bias '{bias.Name}' is {bias.Type}");
        }

        return ForAccumulator(op, bias, channels, x, weights);
    }

    /// <summary>A constant as floats: itself, or a dequantized copy.</summary>
    public static Value Floats(OperatorImport op, Value constant)
    {
        if (constant.Type != ElementType.Float32)
        {
            return op.NewConstant(constant.Name, Dequantized(op, constant));
        }

        op.File.Pay(constant.Shape.ElementCount);
        if (!Array.TrueForAll(constant.Constant!.Floats, float.IsFinite))
        {
            throw new InputException($"{op.File.FileName}: the constant '{constant.Name}' has infinite elements; train the model again");
        }

        return constant;
    }

    /// <summary>The reals that a quantized constant stands for.</summary>
    public static Tensor Dequantized(OperatorImport op, Value constant)
    {
        Tensor data = constant.Constant!;
        QuantizationParameters quantization = constant.Quantization ?? throw op.Malformed($"needs a scale for '{constant.Name}'");
        op.File.Pay(data.Shape.ElementCount * 4L);
        float[] result = new float[data.Shape.ElementCount];
        Channels channels = new(data.Shape, quantization);
        for (int i = 0; i < result.Length; i++)
        {
            int channel = channels.Of(i);
            result[i] = (float)((Element(data, i) - (long)quantization.ZeroPoints[channel]) * (double)quantization.Scales[channel]);
        }

        return new Tensor(data.Shape, result);
    }

    private static long Element(Tensor data, int index) => data.Type switch
    {
        ElementType.Int8 => data.Int8s[index],
        ElementType.Int16 => ((short[])data.Data)[index],
        ElementType.Int32 => data.Int32s[index],
        ElementType.Int64 => ((long[])data.Data)[index],
        _ => throw new InputException($"no dequantization of {data.Type}"),
    };

    /// <summary>
    /// Asymmetric (legacy uint8) weights as symmetric int8 ones with a scale of their own for each output channel, which is
    /// at least as fine as the one they had where the channel uses at most half of its range.
    /// </summary>
    private static Value MakeSymmetric(OperatorImport op, Value weights, int axis)
    {
        float[] reals = Dequantized(op, weights).Floats;
        int count = weights.Shape[axis];
        float[] scales = new float[count];
        Channels channels = new(weights.Shape, new QuantizationParameters(scales, new int[count], axis));
        for (int i = 0; i < reals.Length; i++)
        {
            int channel = channels.Of(i);
            scales[channel] = Math.Max(scales[channel], Math.Abs(reals[i]) / sbyte.MaxValue);
        }

        for (int c = 0; c < count; c++)
        {
            scales[c] = scales[c] > 0 ? scales[c] : 1;
        }

        sbyte[] quantized = new sbyte[reals.Length];
        for (int i = 0; i < reals.Length; i++)
        {
            quantized[i] = (sbyte)Math.Clamp(MathF.Round(reals[i] / scales[channels.Of(i)]), -sbyte.MaxValue, sbyte.MaxValue);
        }

        return op.NewConstant(weights.Name, new Tensor(weights.Shape, quantized), new QuantizationParameters(scales, new int[count], axis));
    }

    /// <summary>The bias in units of input scale times weight scale: as it is, or (beside weights that were made symmetric) rescaled.</summary>
    private static Value ForAccumulator(OperatorImport op, Value bias, int channels, Value x, Value weights)
    {
        op.File.Pay(channels * 4L);
        float[] wanted = new float[weights.Quantization!.Scales.Length];
        for (int i = 0; i < wanted.Length; i++)
        {
            wanted[i] = x.Quantization!.Scale * weights.Quantization.Scales[i];
            if (!float.IsNormal(wanted[i]))
            {
                throw op.Malformed($"has the input scale {x.Quantization.Scale} and the weight scale {weights.Quantization.Scales[i]}, whose product is out of range");
            }
        }

        QuantizationParameters accumulator = new(wanted, new int[wanted.Length]);
        if (bias.Quantization is null)
        {
            return op.NewConstant(bias.Name, bias.Constant!, accumulator);
        }

        if (op.Input(WeightsInput) == weights)
        {
            RequireScale(op, bias, channels, wanted);
            return bias;
        }

        int[] rescaled = new int[channels];
        for (int i = 0; i < channels; i++)
        {
            double real = (double)bias.Constant!.Int32s[i] * At(bias.Quantization.Scales, i);
            rescaled[i] = (int)Math.Clamp(Math.Round(real / At(wanted, i)), int.MinValue, int.MaxValue);
        }

        return op.NewConstant(bias.Name, new Tensor(new Shape(channels), rescaled), accumulator);
    }

    private static void RequireScale(OperatorImport op, Value bias, int channels, float[] wanted)
    {
        float[] stated = bias.Quantization!.Scales;
        double unit = op.Output().Quantization is { IsPerTensor: true } q ? q.Scale : double.PositiveInfinity;
        for (int i = 0; i < channels; i++)
        {
            if (Math.Abs((double)At(stated, i) - At(wanted, i)) / unit > BiasScaleTolerance)
            {
                throw op.Malformed($"has the bias scale {At(stated, i)} where input and weights make {At(wanted, i)}");
            }
        }
    }

    private static float At(float[] scales, int channel) => scales[scales.Length == 1 ? 0 : channel];

    /// <summary>Which of a tensor's scales belongs to an element.</summary>
    private readonly struct Channels(Shape shape, QuantizationParameters quantization)
    {
        private readonly int _stride = quantization.IsPerTensor ? 1 : Math.Max(1, shape.Strides()[quantization.Axis]);
        private readonly int _count = quantization.Scales.Length;

        public int Of(int element) => _count == 1 ? 0 : element / _stride % _count;
    }
}
