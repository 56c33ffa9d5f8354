namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>
/// Constants of a graph whose activations have their parameters: weights symmetric int8, biases int32 in units of input scale times
/// weight scale, other operands int8 (TensorFlow Lite's int8 specification).
/// </summary>
internal static class WeightQuantizer
{
    /// <summary>What a bias may be at most, so that folding zero points into it and summing products stay within 32 bits.</summary>
    private const double LargestBias = 1 << 30;

    /// <summary>
    /// The rounding noise of fully connected weights, beside their power, from which on each channel gets its own scale (27 dB).
    /// Below, 5 bytes a channel would buy nothing that shows in the outputs.
    /// </summary>
    private const double MostNoise = 1.0 / 500;

    /// <param name="graph">Activations have their parameters.</param>
    /// <param name="granularity">What weights share a scale.</param>
    /// <param name="means">For the correction of biases; null where there were no samples.</param>
    public static void Quantize(Graph graph, WeightGranularity granularity, ChannelMeans? means)
    {
        float networkScale = granularity == WeightGranularity.PerNetwork ? NetworkScale(graph) : 0;
        foreach (Node node in graph.Nodes)
        {
            if (WeightAxis(node) is { } axis)
            {
                QuantizeWeights(graph, node, axis, IsPerChannel(node, granularity), networkScale, means?.Of(node.Input(0)));
            }
            else if (node.Operator is Recurrent)
            {
                RecurrentQuantizer.QuantizeCell(graph, node, granularity);
            }
            else if (node.Operator is Gather && node.Input(0) is { IsConstant: true, Type: ElementType.Float32 } && node.Output.Type == ElementType.Int8)
            {
                RecurrentQuantizer.QuantizeTable(graph, node);
            }
            else if (node.Operator is Binary or PRelu)
            {
                QuantizeOperands(graph, node);
            }
        }
    }

    /// <summary>The dimension of the output channels of a node's weights; null where it has no weights.</summary>
    public static int? WeightAxis(Node node) => node.Operator switch
    {
        Conv2D or TransposeConv2D or FullyConnected => 0,
        DepthwiseConv2D => 3,
        MatMul when node.Input(1) is { IsConstant: true, Shape.Rank: 2 } => 1,
        _ => null,
    };

    /// <summary>Whether each output channel of a node with float weights gets its own scale.</summary>
    public static bool IsPerChannel(Node node, WeightGranularity granularity) =>
        granularity == WeightGranularity.PerChannel && (node.Operator is not (FullyConnected or MatMul) || LosesByOneScale(node.Input(1)));

    /// <summary>Whether one scale for all of <paramref name="weights"/> makes more noise (a twelfth of its square) than is tolerated.</summary>
    public static bool LosesByOneScale(Value weights)
    {
        if (!IsFloat(weights))
        {
            return false;
        }

        double largest = 0;
        double power = 0;
        foreach (float w in weights.Constant!.Floats)
        {
            largest = Math.Max(largest, Math.Abs(w));
            power += (double)w * w;
        }

        double scale = largest / sbyte.MaxValue;
        return scale * scale / 12 > MostNoise * power / weights.Shape.ElementCount;
    }

    /// <summary>One scale for all float weights.</summary>
    private static float NetworkScale(Graph graph)
    {
        float largest = 0;
        foreach (Value weights in graph.Nodes.Where(n => WeightAxis(n) is not null).Select(n => n.Input(1)).Where(IsFloat))
        {
            foreach (float w in weights.Constant!.Floats)
            {
                largest = Math.Max(largest, Math.Abs(w));
            }
        }

        return largest / sbyte.MaxValue;
    }

    private static void QuantizeWeights(Graph graph, Node node, int axis, bool perChannel, float networkScale, double[]? means)
    {
        Value weights = node.Input(1);
        Value? bias = node.OptionalInput(2);
        int channels = weights.Shape[axis];
        float inputScale = node.Input(0).Quantization!.Scale;
        float[]? biases = bias is null ? new float[channels] : IsFloat(bias) ? (float[])bias.Constant!.Floats.Clone() : null;
        if (IsFloat(weights))
        {
            float[] scales = perChannel ? ChannelScales(node, weights, axis, biases ?? [], inputScale) : [TensorScale(node, weights, biases ?? [], inputScale, networkScale)];
            var parameters = new QuantizationParameters(scales, new int[scales.Length], scales.Length > 1 ? axis : 0);
            Tensor integers = QuantizeSymmetric(weights, axis, scales);
            node.Inputs[1] = new Value(graph.UniqueName(weights.Name + "/int8"), integers) { Quantization = parameters };
            if (means is not null && biases is not null)
            {
                CorrectBiases(node, weights, axis, integers.Int8s, scales, means, biases);
            }
        }

        if (biases is null || (bias is null && !Array.Exists(biases, b => b != 0)))
        {
            return;
        }

        float[] weightScales = node.Input(1).Quantization!.Scales;
        float[] biasScales = Array.ConvertAll(weightScales, w => inputScale * w);
        int[] quantized = [.. biases.Select((b, o) => QuantizeBias(node, b, (double)inputScale * weightScales[weightScales.Length == 1 ? 0 : o]))];
        var value = new Value(graph.UniqueName((bias?.Name ?? weights.Name + "/bias") + "/int32"), new Tensor(new Shape(channels), quantized))
        {
            Quantization = new QuantizationParameters(biasScales, new int[biasScales.Length]),
        };
        if (node.Inputs.Count > 2)
        {
            node.Inputs[2] = value;
        }
        else
        {
            node.Inputs.Add(value);
        }
    }

    /// <summary>Takes what the weights' rounding errors add to each output channel on average from its bias.</summary>
    private static void CorrectBiases(Node node, Value weights, int axis, sbyte[] integers, float[] scales, double[] means, float[] biases)
    {
        Shape shape = weights.Shape;
        int channels = shape[axis];
        var shifts = new double[channels];
        int i = 0;
        ForEach(weights, axis, (channel, w) =>
        {
            int input = InputChannel(node, shape, i, channel);
            if (input < means.Length)
            {
                shifts[channel] += ((scales[scales.Length == 1 ? 0 : channel] * integers[i]) - w) * means[input];
            }

            i++;
        });
        for (int o = 0; o < channels; o++)
        {
            biases[o] -= (float)shifts[o];
        }
    }

    /// <summary>Which channel of the input weight <paramref name="index"/> multiplies.</summary>
    /// <param name="weights">Their shape.</param>
    /// <param name="outputChannel">Of that weight.</param>
    public static int InputChannel(Node node, Shape weights, int index, int outputChannel)
    {
        int Grouped(int groups) => (outputChannel / (weights[0] / groups) * weights[3]) + (index % weights[3]);
        return node.Operator switch
        {
            Conv2D op => Grouped(op.Groups),
            TransposeConv2D op => Grouped(op.Groups),
            DepthwiseConv2D => outputChannel / (weights[3] / node.Input(0).Shape[3]),
            FullyConnected => index % weights[1],
            _ => index / weights[1],
        };
    }

    private static float[] ChannelScales(Node node, Value weights, int axis, float[] biases, float inputScale)
    {
        var largest = new float[weights.Shape[axis]];
        ForEach(weights, axis, (channel, w) => largest[channel] = Larger(node, weights, largest[channel], w));
        return [.. largest.Select((w, o) => AtLeast(w / sbyte.MaxValue, o < biases.Length ? Math.Abs(biases[o]) : 0, inputScale))];
    }

    private static float TensorScale(Node node, Value weights, float[] biases, float inputScale, float networkScale)
    {
        float largest = 0;
        ForEach(weights, 0, (_, w) => largest = Larger(node, weights, largest, w));
        float scale = networkScale > 0 ? networkScale : largest / sbyte.MaxValue;
        return AtLeast(scale, biases.Select(b => Math.Abs(b)).DefaultIfEmpty(0).Max(), inputScale);
    }

    /// <summary>A scale that is positive and under which the bias fits 32 bits.</summary>
    public static float AtLeast(float scale, float bias, float inputScale)
    {
        float least = (float)(bias / (inputScale * LargestBias));
        float result = Math.Max(scale, least);
        return float.IsNormal(result) ? result : 1;
    }

    public static Tensor QuantizeSymmetric(Value weights, int axis, float[] scales)
    {
        var integers = new sbyte[weights.Shape.ElementCount];
        int i = 0;
        ForEach(weights, axis, (channel, w) =>
            integers[i++] = (sbyte)Math.Clamp(MathF.Round(w / scales[scales.Length == 1 ? 0 : channel], MidpointRounding.AwayFromZero), -sbyte.MaxValue, sbyte.MaxValue));
        return new Tensor(weights.Shape, integers);
    }

    public static int QuantizeBias(Node node, float bias, double scale)
    {
        double scaled = Math.Round(bias / scale, MidpointRounding.AwayFromZero);
        return Math.Abs(scaled) <= int.MaxValue
            ? (int)scaled
            : throw new InputException($"{node}: its bias {bias} does not fit 32 bits in units of {scale:G3}; its weights are too small beside it");
    }

    /// <summary>Constant operands of elementwise operators. One of a single element stays float: it becomes part of a table.</summary>
    private static void QuantizeOperands(Graph graph, Node node)
    {
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            if (node.Inputs[i] is { } operand && IsFloat(operand) && operand.Shape.ElementCount > 1)
            {
                float[] reals = operand.Constant!.Floats;
                float largest = 0;
                foreach (float x in reals)
                {
                    largest = Larger(node, operand, largest, x);
                }

                QuantizationParameters parameters = new ValueRange(reals.Min(), reals.Max()).ToParameters();
                sbyte[] integers = Array.ConvertAll(reals, x => FixedPoint.Quantize(x, parameters.Scale, parameters.ZeroPoint));
                node.Inputs[i] = new Value(graph.UniqueName(operand.Name + "/int8"), new Tensor(operand.Shape, integers)) { Quantization = parameters };
            }
        }
    }

    private static float Larger(Node node, Value weights, float largest, float w) => float.IsFinite(w)
        ? Math.Max(largest, Math.Abs(w))
        : throw new InputException($"{node}: its constant '{weights.Name}' has elements that are infinite or not a number (NaN)");

    private static bool IsFloat(Value value) => value is { IsConstant: true, Type: ElementType.Float32 };

    /// <summary>Calls <paramref name="use"/> (index along <paramref name="axis"/>, weight) for each weight in order.</summary>
    private static void ForEach(Value weights, int axis, Action<int, float> use)
    {
        int inner = weights.Shape.Strides()[axis];
        int channels = weights.Shape[axis];
        float[] data = weights.Constant!.Floats;
        for (int i = 0; i < data.Length; i++)
        {
            use(i / inner % channels, data[i]);
        }
    }
}
