namespace TinyInference.SideBySide;

using TinyInference.Converter.Graphs;

/// <summary>
/// Quantized networks of one layer with weights, or of a few fully connected ones, of any shape, stride, padding, clamp, zero points and scales; some pruned, weight by
/// weight or in blocks of three output channels.
/// </summary>
internal sealed class RandomLayer
{
    private readonly Random _random;
    private readonly Graph _graph = new() { Name = "random" };
    private Value _last;

    private RandomLayer(Random random, params ReadOnlySpan<int> input)
    {
        _random = random;
        _last = Activation("input", new Shape(input));
        _graph.Inputs.Add(_last);
    }

    /// <summary>The same numbers give the same layer.</summary>
    public static Graph Create(Random random)
    {
        RandomLayer layer;
        switch (random.Next(8))
        {
            case 0 or 1:
                layer = new RandomLayer(random, random.Next(1, 4), random.Next(20) == 0 ? random.Next(1, 300) : random.Next(1, 40));
                layer.Dense(random.Next(1, 12), Clamps(random));
                break;
            case 2:
                layer = new RandomLayer(random, 1, random.Next(1, 16));
                for (int i = random.Next(1, 3); i > 0; i--)
                {
                    layer.Dense(random.Next(1, 10), Clamp.Relu);
                }

                layer.Dense(random.Next(1, 6), Clamps(random));
                break;
            case 3 or 4:
                layer = new RandomLayer(random, 1, random.Next(1, 7), random.Next(1, 7), random.Next(1, 5));
                layer.Depthwise();
                break;
            default:
                layer = new RandomLayer(random, 1, random.Next(1, 8), random.Next(1, 8), random.Next(8) == 0 ? random.Next(1, 20) : random.Next(1, 6));
                layer.Convolve();
                break;
        }

        layer._graph.Outputs.Add(layer._last);
        return layer._graph;
    }

    private static Clamp Clamps(Random random) => random.Next(4) switch
    {
        0 => Clamp.None,
        1 => Clamp.Relu6,
        _ => Clamp.Relu,
    };

    private void Dense(int outputs, Clamp clamp)
    {
        int inputs = _last.Shape[-1];
        Add(new FullyConnected(clamp), new Shape(_last.Shape[0], outputs), new Shape(outputs, inputs), 0, inputs);
    }

    private void Convolve()
    {
        Window window = RandomWindow();
        int inputs = _last.Shape[3];
        int groups = _random.Next(6) == 0 ? inputs : 1;
        int outputs = groups * _random.Next(1, 1 + (9 / groups) + 1);
        Shape weights = new(outputs, window.KernelH, window.KernelW, inputs / groups);
        Add(new Conv2D(window, groups, Clamps(_random)), Out(window, outputs), weights, 0, weights.ElementCount / outputs);
    }

    private void Depthwise()
    {
        Window window = RandomWindow();
        int channels = _last.Shape[3] * (_random.Next(4) == 0 ? 2 : 1);
        Add(new DepthwiseConv2D(window, Clamps(_random)), Out(window, channels), new Shape(1, window.KernelH, window.KernelW, channels), 3, window.KernelH * window.KernelW);
    }

    /// <summary>Half of them 3 x 3 or 1 x 1, without dilation.</summary>
    private Window RandomWindow()
    {
        (int top, int bottom) = Axis(_last.Shape[1], out int kernelH, out int strideH, out int dilationH);
        (int left, int right) = Axis(_last.Shape[2], out int kernelW, out int strideW, out int dilationW);
        return new Window(kernelH, kernelW, strideH, strideW, dilationH, dilationW, top, bottom, left, right);
    }

    private (int Before, int After) Axis(int extent, out int kernel, out int stride, out int dilation)
    {
        kernel = _random.Next(4) switch { 0 => 1, 1 or 2 => 3, _ => _random.Next(1, 6) };
        stride = _random.Next(3) == 0 ? _random.Next(2, 4) : 1;
        dilation = _random.Next(6) == 0 ? 2 : 1;
        int reach = ((kernel - 1) * dilation) + 1;
        int before = _random.Next(2) == 0 ? 0 : _random.Next(kernel);
        int after = Math.Max(_random.Next(2) == 0 ? 0 : _random.Next(kernel), reach - extent - before);
        return (before, after);
    }

    private Shape Out(Window window, int channels) => new(1, window.OutputHeight(_last.Shape[1]), window.OutputWidth(_last.Shape[2]), channels);

    private Value Activation(string name, Shape shape) =>
        new(name, ElementType.Int8, shape) { Quantization = new QuantizationParameters(0.05f, _random.Next(3) == 0 ? _random.Next(-128, 128) : _random.Next(-128, -60)) };

    private void Add(Operator op, Shape output, Shape weights, int channelAxis, int terms)
    {
        string name = $"layer{_graph.Nodes.Count}";
        Value y = Activation(name, output);
        int channels = weights[channelAxis];
        List<Value> inputs = [_last, Weights(weights, channelAxis, terms)];
        if (_random.Next(5) != 0)
        {
            int[] biases = new int[channels];
            for (int i = 0; i < channels; i++)
            {
                biases[i] = _random.Next(-5000, 5001);
            }

            inputs.Add(new Value($"{name}-bias", new Tensor(new Shape(channels), biases)));
        }

        _graph.Nodes.Add(new Node(name, op, [.. inputs], [y]));
        _last = y;
    }

    private Value Weights(Shape shape, int channelAxis, int terms)
    {
        int magnitude = _random.Next(3) == 0 ? _random.Next(1, 128) : 127;
        sbyte[] data = new sbyte[shape.ElementCount];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = (sbyte)_random.Next(-magnitude, magnitude + 1);
        }

        if (_random.Next(2) == 0)
        {
            Prune(data, shape[channelAxis], channelAxis == 0 ? terms : 0);
        }

        // Results mostly spread over int8; some saturate, some hardly move.
        double usual = 50 / (75 * Math.Max(1, magnitude * 0.6) * Math.Sqrt(terms));
        double factor = Math.Pow(2, (_random.NextDouble() * 5) - 2.5);
        float[] scales = new float[_random.Next(3) == 0 ? 1 : shape[channelAxis]];
        for (int i = 0; i < scales.Length; i++)
        {
            scales[i] = (float)(usual * factor * (0.5 + _random.NextDouble()));
        }

        return new Value($"weights{_graph.Nodes.Count}", new Tensor(shape, data)) { Quantization = new QuantizationParameters(scales, new int[scales.Length], channelAxis) };
    }

    /// <param name="rowLength">Weights of an output channel, which lie together; 0 where they do not, as in depthwise convolutions.</param>
    private void Prune(sbyte[] data, int channels, int rowLength)
    {
        double kept = _random.NextDouble();
        int together = _random.Next(2) == 0 || rowLength == 0 ? 1 : 3;
        for (int o = 0; o < (rowLength == 0 ? 1 : channels); o += together)
        {
            for (int k = 0; k < (rowLength == 0 ? data.Length : rowLength); k++)
            {
                bool isKept = _random.NextDouble() < kept;
                for (int i = o; i < Math.Min(o + together, channels) && !isKept; i++)
                {
                    data[(i * rowLength) + k] = 0;
                }
            }
        }
    }
}
