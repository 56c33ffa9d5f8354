using TinyInference.Converter.Training.Recurrent;

namespace TinyInference.Converter.Training;

using TinyInference.Converter.Graphs;

/// <summary>Builds a float graph layer after layer, with random weights: each method appends one operator to the value before it.</summary>
internal sealed class NetworkBuilder
{
    /// <summary>Far more weights in a layer than any microcontroller could hold.</summary>
    private const long MostWeights = 1 << 26;

    private readonly Random _random;
    private readonly Dictionary<string, int> _counts = [];

    /// <param name="input">With a leading batch of 1.</param>
    public NetworkBuilder(string name, Shape input, int seed)
    {
        _random = new Random(seed);
        Graph = new Graph { Name = name };
        Current = new Value("input", ElementType.Float32, input);
        Graph.Inputs.Add(Current);
    }

    public Graph Graph { get; }

    /// <summary>What the next layer reads; may be set to build branches.</summary>
    public Value Current { get; set; }

    public NetworkBuilder FullyConnected(int outputs)
    {
        if (Current.Shape.Rank > 2)
        {
            Flatten();
        }

        int inputs = Current.Shape[-1];
        string name = Name("fc");
        return Append(name, new FullyConnected(Clamp.None), Current.Shape.With(-1, outputs),
            He($"{name}.weight", inputs, outputs, inputs), Fill($"{name}.bias", outputs, 0));
    }

    /// <summary>Convolution; "same" padding as TensorFlow has it, or none.</summary>
    public NetworkBuilder Conv2D(int outputs, int kernelH, int kernelW, int stride = 1, bool same = true, bool bias = true)
    {
        string name = Name("conv");
        int channels = Current.Shape[3];
        Window window = MakeWindow(kernelH, kernelW, stride, same);
        Value weights = He($"{name}.weight", kernelH * kernelW * channels, outputs, kernelH, kernelW, channels);
        return Append(name, new Conv2D(window, 1, Clamp.None), OutputShape(name, window, outputs), Parameters(weights, bias ? Fill($"{name}.bias", outputs, 0) : null));
    }

    public NetworkBuilder DepthwiseConv2D(int kernelH, int kernelW, int stride = 1, bool same = true, bool bias = true)
    {
        string name = Name("depthwise");
        int channels = Current.Shape[3];
        Window window = MakeWindow(kernelH, kernelW, stride, same);
        Value weights = He($"{name}.weight", kernelH * kernelW, 1, kernelH, kernelW, channels);
        return Append(name, new DepthwiseConv2D(window, Clamp.None), OutputShape(name, window, channels), Parameters(weights, bias ? Fill($"{name}.bias", channels, 0) : null));
    }

    /// <summary>Over the channels of each position, or over all of a vector.</summary>
    public NetworkBuilder LayerNorm()
    {
        int channels = Current.Shape[-1];
        string name = Name("ln");
        return Append(name, new LayerNorm(1e-3f, Clamp.None), Current.Shape, Fill($"{name}.scale", channels, 1), Fill($"{name}.bias", channels, 0));
    }

    public NetworkBuilder BatchNorm(float epsilon = 1e-3f)
    {
        string name = Name("bn");
        int channels = Current.Shape[-1];
        return Append(name, new BatchNorm(epsilon), Current.Shape, Fill($"{name}.scale", channels, 1), Fill($"{name}.bias", channels, 0),
            Fill($"{name}.mean", channels, 0), Fill($"{name}.variance", channels, 1));
    }

    public NetworkBuilder Unary(UnaryFunction function, float alpha = 0, float beta = 0) =>
        Append(Name(function.ToString().ToLowerInvariant()), new Unary(function, alpha, beta), Current.Shape);

    public NetworkBuilder Relu() => Unary(UnaryFunction.Relu);

    public NetworkBuilder Pool(PoolFunction function, int kernel, int stride)
    {
        string name = Name("pool");
        Window window = MakeWindow(kernel, kernel, stride, false);
        return Append(name, new Pool2D(function, window, false, Clamp.None), OutputShape(name, window, Current.Shape[3]));
    }

    public NetworkBuilder GlobalAveragePool() =>
        Append(Name("mean"), new Reduce(ReduceFunction.Mean, [1, 2], false), new Shape(1, Current.Shape[3]));

    /// <summary>A cell over sequences [1, steps, inputs], to its state after the last step, [1, 1, units].</summary>
    public NetworkBuilder Recurrent(RecurrentCellKind kind, int units)
    {
        string name = Name(kind.ToString().ToLowerInvariant());
        int inputs = Current.Shape[2];
        int steps = Current.Shape[1];
        int seed = _random.Next();
        RecurrentCell cell = RecurrentCell.Create(kind, name, inputs, units, seed);
        Append(name, new Graphs.Recurrent(kind), Current.Shape.With(-1, units), cell.Parameters.Select(p => p.Value));
        return Append(Name("last"), new Slice([0, steps - 1, 0], [1, 1, 1]), new Shape(1, 1, units));
    }

    /// <summary>Rows of an image, each a step: [1, height, width, channels] to [1, height, width * channels].</summary>
    public NetworkBuilder Rows() => Append(Name("rows"), new Reshape(), new Shape(1, Current.Shape[1], Current.Shape.ElementCount / Current.Shape[1]));

    public NetworkBuilder Flatten() => Append(Name("flatten"), new Reshape(), new Shape(1, Current.Shape.ElementCount));

    public NetworkBuilder Add(Value other)
    {
        if (!other.Shape.Equals(Current.Shape))
        {
            throw new InputException($"Add: the shapes {Current.Shape} and {other.Shape} differ");
        }

        return Append(Name("add"), new Binary(BinaryFunction.Add, Clamp.None), Current.Shape, other);
    }

    public NetworkBuilder Softmax() => Append(Name("softmax"), new Softmax(Current.Shape.Rank - 1, 1), Current.Shape);

    /// <summary>The graph, with the last value as its output.</summary>
    public Graph Build()
    {
        Graph.Outputs.Add(Current);
        return Graph;
    }

    private NetworkBuilder Append(string name, Operator op, Shape output, params IEnumerable<Value> more)
    {
        var value = new Value(name, ElementType.Float32, output);
        Graph.Nodes.Add(new Node(name, op, [Current, .. more], [value]));
        Current = value;
        return this;
    }

    private static IEnumerable<Value> Parameters(Value weights, Value? bias) => bias is null ? [weights] : [weights, bias];

    private Shape OutputShape(string name, Window window, int channels)
    {
        int height = window.OutputHeight(Current.Shape[1]);
        int width = window.OutputWidth(Current.Shape[2]);
        return height > 0 && width > 0
            ? new Shape(1, height, width, channels)
            : throw new InputException($"{name}: a window of {window.KernelH}x{window.KernelW} does not fit into its input of {Current.Shape}");
    }

    private Window MakeWindow(int kernelH, int kernelW, int stride, bool same)
    {
        var window = new Window(kernelH, kernelW, stride, stride);
        if (!same)
        {
            return window;
        }

        int padH = TotalPadding(Current.Shape[1], kernelH, stride);
        int padW = TotalPadding(Current.Shape[2], kernelW, stride);
        return window with { PadTop = padH / 2, PadBottom = padH - (padH / 2), PadLeft = padW / 2, PadRight = padW - (padW / 2) };
    }

    private static int TotalPadding(int extent, int kernel, int stride)
    {
        int outputs = (extent + stride - 1) / stride;
        return Math.Max(((outputs - 1) * stride) + kernel - extent, 0);
    }

    private string Name(string kind)
    {
        int count = _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        return kind + count;
    }

    /// <summary>Normal with variance 2 / fan-in (He et al., arXiv 1502.01852, equation 10).</summary>
    private Value He(string name, int fanIn, params int[] extents)
    {
        if (extents.Aggregate(1L, (a, b) => Math.Min(a * b, long.MaxValue >> 32)) > MostWeights)
        {
            throw new InputException($"{name}: {string.Join(" x ", extents)} weights are too many; at most {MostWeights:N0} can be trained");
        }

        var shape = new Shape(extents);
        var data = new float[shape.ElementCount];
        double deviation = Math.Sqrt(2.0 / fanIn);
        for (int i = 0; i < data.Length; i++)
        {
            // Box and Muller's transform; 1 - u is never 0.
            data[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()));
        }

        return new Value(name, new Tensor(shape, data));
    }

    private static Value Fill(string name, int count, float value)
    {
        var data = new float[count];
        data.AsSpan().Fill(value);
        return new Value(name, new Tensor(new Shape(count), data));
    }
}
