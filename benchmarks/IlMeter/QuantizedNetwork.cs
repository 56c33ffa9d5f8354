namespace TinyInference.IlMeter;

using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;

/// <summary>
/// Builds int8 networks of random weights, layer after layer. Weights' scales are chosen so that results spread over int8 without
/// saturating, as those of trained networks do. The same seed gives the same network everywhere.
/// </summary>
internal sealed class QuantizedNetwork
{
    private static readonly QuantizationParameters s_activation = new(0.05f, -5);
    private readonly Graph _graph;
    private readonly SplitMix _random;
    private double _kept = 1;
    private int _together = 1;

    public QuantizedNetwork(string name, int seed, params ReadOnlySpan<int> input)
    {
        _graph = new Graph { Name = name };
        _random = new SplitMix(seed);
        Last = Activation("input", new Shape(input), s_activation);
        _graph.Inputs.Add(Last);
    }

    /// <summary>The result of the last layer, which the next one reads.</summary>
    public Value Last { get; private set; }

    /// <summary>The layers that follow are pruned at random, depthwise ones excepted.</summary>
    /// <param name="kept">The part of the weights that is left.</param>
    /// <param name="together">So many consecutive output channels keep or lose their weights of one input together.</param>
    public QuantizedNetwork Pruned(double kept, int together)
    {
        _kept = kept;
        _together = together;
        return this;
    }

    /// <summary>With ReLU and SAME padding.</summary>
    public QuantizedNetwork Conv(int outputs, int kernel, int stride = 1)
    {
        Window window = Same(kernel, stride);
        int inputs = Last.Shape[3];
        Value weights = Weights(new Shape(outputs, kernel, kernel, inputs), channelAxis: 0, kernel * kernel * inputs);
        return Add(new Conv2D(window, 1, Clamp.Relu), Out(window, outputs), weights, Bias(outputs));
    }

    /// <summary>3x3 with ReLU and SAME padding.</summary>
    public QuantizedNetwork Depthwise(int stride = 1)
    {
        Window window = Same(3, stride);
        int channels = Last.Shape[3];
        Value weights = Weights(new Shape(1, 3, 3, channels), channelAxis: 3, 9);
        return Add(new DepthwiseConv2D(window, Clamp.Relu), Out(window, channels), weights, Bias(channels));
    }

    public QuantizedNetwork Dense(int outputs, bool relu = true)
    {
        int inputs = Last.Shape[-1];
        Value weights = Weights(new Shape(outputs, inputs), channelAxis: 0, inputs);
        return Add(new FullyConnected(relu ? Clamp.Relu : Clamp.None), Last.Shape.With(-1, outputs), weights, Bias(outputs));
    }

    public QuantizedNetwork Pool(PoolFunction function, int kernel)
    {
        var window = new Window(kernel, kernel, kernel, kernel);
        return Add(new Pool2D(function, window, false, Clamp.None), Out(window, Last.Shape[3]));
    }

    /// <summary>The sum with <paramref name="other"/>, of the same shape.</summary>
    public QuantizedNetwork Plus(Value other) => Add(new Binary(BinaryFunction.Add, Clamp.Relu), Last.Shape, other);

    /// <summary>Joins the channels of <paramref name="other"/> behind.</summary>
    public QuantizedNetwork Join(Value other) =>
        Add(new Concat(Last.Shape.Rank - 1), Last.Shape.With(-1, Last.Shape[-1] + other.Shape[-1]), other);

    public QuantizedNetwork Tanh() => Add(new Unary(UnaryFunction.Tanh), Last.Shape);

    /// <summary>Layer normalization with ReLU, its factors around 2.</summary>
    public QuantizedNetwork Norm()
    {
        return Add(new LayerNorm(1e-5f, Clamp.Relu), Last.Shape, Column("scale", 1.5f), Column("bias", -0.5f));

        Value Column(string name, float least)
        {
            float[] data = new float[Last.Shape[-1]];
            for (int i = 0; i < data.Length; i++)
            {
                data[i] = least + (_random.Next(1024) / 1024f);
            }

            return new Value(_graph.UniqueName(name), new Tensor(new Shape(data.Length), data));
        }
    }

    /// <summary>Mean over height and width.</summary>
    public QuantizedNetwork Mean() => Add(new Reduce(ReduceFunction.Mean, [1, 2], false), new Shape(Last.Shape[0], Last.Shape[3]));

    public Graph Softmax()
    {
        Add(new Softmax(Last.Shape.Rank - 1, 1), Last.Shape);
        Last.Quantization = new QuantizationParameters(1 / 256f, -128);
        return Logits();
    }

    /// <summary>The network, with the last layer's result as its output.</summary>
    public Graph Logits()
    {
        _graph.Outputs.Add(Last);
        return _graph;
    }

    private static Value Activation(string name, Shape shape, QuantizationParameters quantization) =>
        new(name, ElementType.Int8, shape) { Quantization = quantization };

    private QuantizedNetwork Add(Operator op, Shape shape, params ReadOnlySpan<Value> others)
    {
        string name = $"{op.Kind}_{_graph.Nodes.Count}";
        Value y = Activation(name, shape, s_activation);
        _graph.Nodes.Add(new Node(name, op, [Last, .. others], [y]));
        Last = y;
        return this;
    }

    private Window Same(int kernel, int stride)
    {
        (int top, int bottom) = Padding(Last.Shape[1], kernel, stride);
        (int left, int right) = Padding(Last.Shape[2], kernel, stride);
        return new Window(kernel, kernel, stride, stride, PadTop: top, PadBottom: bottom, PadLeft: left, PadRight: right);
    }

    private static (int Before, int After) Padding(int extent, int kernel, int stride)
    {
        int outputs = (extent + stride - 1) / stride;
        int padding = Math.Max(0, ((outputs - 1) * stride) + kernel - extent);
        return (padding / 2, padding - (padding / 2));
    }

    private Shape Out(Window window, int channels) =>
        new(Last.Shape[0], window.OutputHeight(Last.Shape[1]), window.OutputWidth(Last.Shape[2]), channels);

    /// <param name="terms">Products that are summed for one result.</param>
    private Value Weights(Shape shape, int channelAxis, int terms)
    {
        sbyte[] data = new sbyte[shape.ElementCount];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = (sbyte)(_random.Next(255) - 127);
        }

        if (channelAxis == 0 && _kept < 1)
        {
            Prune(data, shape[0], terms);
            terms = (int)Math.Ceiling(terms * _kept);
        }

        // Inputs and weights are about 74 in the root mean square: a sum of terms is about 5,500 sqrt(terms), and shall be about 50.
        float scale = (float)(50 / (5500 * Math.Sqrt(terms)));
        float[] scales = new float[shape[channelAxis]];
        for (int i = 0; i < scales.Length; i++)
        {
            scales[i] = scale * (0.75f + (_random.Next(512) / 1024f));
        }

        return new Value(_graph.UniqueName("weights"), new Tensor(shape, data)) { Quantization = new QuantizationParameters(scales, new int[scales.Length], channelAxis) };
    }

    private void Prune(sbyte[] data, int outputs, int terms)
    {
        for (int o = 0; o < outputs; o += _together)
        {
            for (int k = 0; k < terms; k++)
            {
                bool isKept = _random.Next(1000) < 1000 * _kept;
                for (int i = o; i < Math.Min(o + _together, outputs) && !isKept; i++)
                {
                    data[(i * terms) + k] = 0;
                }
            }
        }
    }

    private Value Bias(int channels)
    {
        int[] data = new int[channels];
        for (int i = 0; i < channels; i++)
        {
            data[i] = _random.Next(2001) - 1000;
        }

        return new Value(_graph.UniqueName("bias"), new Tensor(new Shape(channels), data));
    }
}
