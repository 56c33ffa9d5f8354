using TinyInference.Converter.Graphs;

namespace Converter.Tests.Passes;

/// <summary>Writes small graphs by hand; weights are random, of a few bits.</summary>
internal sealed class GraphBuilder(int seed = 1)
{
    private int _count;

    public Graph Graph { get; } = new() { Name = "test" };

    public Random Random { get; } = new(seed);

    public Value Input(params int[] shape)
    {
        var value = new Value($"input{_count++}", ElementType.Float32, new Shape(shape));
        Graph.Inputs.Add(value);
        return value;
    }

    public Value Constant(params int[] shape)
    {
        var s = new Shape(shape);
        return Constant(new Tensor(s, Random.Floats(s.ElementCount)));
    }

    public Value Constant(Tensor tensor, QuantizationParameters? quantization = null) => new($"constant{_count++}", tensor) { Quantization = quantization };

    public Value Scalar(float value) => Constant(Tensor.Scalar(value));

    public Value Node(Operator op, int[] shape, params Value?[] inputs) => Node(op, new Shape(shape), inputs);

    public Value Node(Operator op, Shape shape, params Value?[] inputs)
    {
        var output = new Value($"value{_count++}", ElementType.Float32, shape);
        Graph.Nodes.Add(new Node($"node{_count}", op, inputs, [output]));
        return output;
    }

    public Value Unary(UnaryFunction function, Value x, float alpha = 0, float beta = 0) => Node(new Unary(function, alpha, beta), x.Shape, x);

    public Value Binary(BinaryFunction function, Value a, Value b) => Node(new Binary(function, Clamp.None), ShapeRules.Broadcast(a.Shape, b.Shape), a, b);

    public Value Transpose(Value x, params int[] permutation) =>
        Node(new Transpose(permutation), new Shape([.. permutation.Select(i => x.Shape[i])]), x);

    public Value Reshape(Value x, params int[] shape) => Node(new Reshape(), new Shape(shape), x);

    public Value Conv(Value x, int outputs, Window window, int groups = 1, Clamp? clamp = null) => Node(
        new Conv2D(window, groups, clamp ?? Clamp.None),
        new Shape(x.Shape[0], window.OutputHeight(x.Shape[1]), window.OutputWidth(x.Shape[2]), outputs),
        x, Constant(outputs, window.KernelH, window.KernelW, x.Shape[3] / groups), Constant(outputs));

    /// <summary>A convolution as it comes from ONNX: x and the result are NCHW.</summary>
    public Value ConvChannelsFirst(Value x, int outputs, Window window) =>
        Transpose(Conv(Transpose(x, 0, 2, 3, 1), outputs, window), 0, 3, 1, 2);

    public Value Depthwise(Value x, int multiplier, Window window) => Node(
        new DepthwiseConv2D(window, Clamp.None),
        new Shape(x.Shape[0], window.OutputHeight(x.Shape[1]), window.OutputWidth(x.Shape[2]), x.Shape[3] * multiplier),
        x, Constant(1, window.KernelH, window.KernelW, x.Shape[3] * multiplier), Constant(x.Shape[3] * multiplier));

    public Value Dense(Value x, int outputs) => Node(
        new FullyConnected(Clamp.None), x.Shape.With(-1, outputs), x, Constant(outputs, x.Shape[-1]), Constant(outputs));

    public Value BatchNorm(Value x)
    {
        int c = x.Shape[-1];
        Value variance = Constant(new Tensor(new Shape(c), Random.Floats(c).Select(v => Math.Abs(v) + 0.5f).ToArray()));
        return Node(new BatchNorm(1e-3f), x.Shape, x, Constant(c), Constant(c), Constant(c), variance);
    }

    public Value Pool(PoolFunction function, Value x, Window window, bool countPadding = false) => Node(
        new Pool2D(function, window, countPadding, Clamp.None),
        new Shape(x.Shape[0], window.OutputHeight(x.Shape[1]), window.OutputWidth(x.Shape[2]), x.Shape[3]), x);

    public Value Pad(Value x, int[] before, int[] after, float value = 0) => Node(
        new Pad(before, after, PadMode.Constant, value), new Shape([.. x.Shape.Select((d, i) => d + before[i] + after[i])]), x);

    public Value Quantize(Value x, float scale, int zeroPoint)
    {
        Value y = Node(new Quantize(), x.Shape, x);
        y.Type = ElementType.Int8;
        y.Quantization = new QuantizationParameters(scale, zeroPoint);
        return y;
    }

    public Value Dequantize(Value x) => Node(new Dequantize(), x.Shape, x);

    /// <summary>Quantize and Dequantize, as quantized ONNX networks have them around every operator.</summary>
    public Value QuantizeDequantize(Value x, float scale, int zeroPoint) => Dequantize(Quantize(x, scale, zeroPoint));

    public Graph Build(params Value[] outputs)
    {
        Graph.Outputs.AddRange(outputs);
        return Graph;
    }
}
