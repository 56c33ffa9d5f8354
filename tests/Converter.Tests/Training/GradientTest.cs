using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;
using Tensor = TinyInference.Converter.Graphs.Tensor;

namespace Converter.Tests.Training;

/// <summary>The gradient of every layer against finite differences of the loss, for inputs and parameters.</summary>
[TestClass]
public class GradientTest
{
    private const int Samples = 3;
    private const float Step = 1e-2f;

    [TestMethod]
    public void FullyConnected() => Check([1, 7], b => b.FullyConnected(5));

    [TestMethod]
    [DataRow(3, 3, 1, true)]
    [DataRow(3, 2, 2, true)]
    [DataRow(2, 3, 2, false)]
    [DataRow(1, 1, 1, true)]
    public void Conv2D(int kernelH, int kernelW, int stride, bool same) =>
        Check([1, 5, 6, 2], b => b.Conv2D(3, kernelH, kernelW, stride, same));

    [TestMethod]
    [DataRow(3, 1, true)]
    [DataRow(2, 2, false)]
    public void DepthwiseConv2D(int kernel, int stride, bool same) =>
        Check([1, 5, 6, 3], b => b.DepthwiseConv2D(kernel, kernel, stride, same));

    [TestMethod]
    public void BatchNorm() => Check([1, 4, 3, 2], b => b.BatchNorm());

    [TestMethod]
    [DataRow(nameof(UnaryFunction.Relu), 0f, 0f)]
    [DataRow(nameof(UnaryFunction.Relu6), 0f, 0f)]
    [DataRow(nameof(UnaryFunction.Clip), -0.5f, 0.7f)]
    [DataRow(nameof(UnaryFunction.LeakyRelu), 0.1f, 0f)]
    [DataRow(nameof(UnaryFunction.Sigmoid), 0f, 0f)]
    [DataRow(nameof(UnaryFunction.Tanh), 0f, 0f)]
    [DataRow(nameof(UnaryFunction.HardSigmoid), 0.2f, 0.5f)]
    [DataRow(nameof(UnaryFunction.HardSwish), 0f, 0f)]
    [DataRow(nameof(UnaryFunction.Elu), 1f, 0f)]
    [DataRow(nameof(UnaryFunction.Softplus), 0f, 0f)]
    [DataRow(nameof(UnaryFunction.Exp), 0f, 0f)]
    [DataRow(nameof(UnaryFunction.Square), 0f, 0f)]
    [DataRow(nameof(UnaryFunction.Neg), 0f, 0f)]
    [DataRow(nameof(UnaryFunction.Abs), 0f, 0f)]
    public void Unary(string function, float alpha, float beta) =>
        Check([1, 6], b => b.FullyConnected(9).Unary(Enum.Parse<UnaryFunction>(function), alpha, beta));

    [TestMethod]
    [DataRow(nameof(PoolFunction.Max))]
    [DataRow(nameof(PoolFunction.Average))]
    public void Pool2D(string function) => Check([1, 6, 5, 2], b => b.Pool(Enum.Parse<PoolFunction>(function), 2, 2));

    [TestMethod]
    public void Mean() => Check([1, 3, 4, 5], b => b.GlobalAveragePool());

    [TestMethod]
    public void Softmax() => Check([1, 4], b => b.FullyConnected(6).Softmax().FullyConnected(3));

    [TestMethod]
    public void Binary_with_a_branch()
    {
        Check([1, 4], b =>
        {
            Value branch = b.Current;
            return b.FullyConnected(4).Add(branch);
        });
    }

    [TestMethod]
    [DataRow(1, 3, false)]
    [DataRow(2, 3, true)]
    [DataRow(2, 2, false)]
    public void TransposeConv2D(int stride, int kernel, bool crops) => Check([1, 3, 4, 2], b =>
    {
        int cut = crops ? 1 : 0;
        var shape = new Shape(1, ((3 - 1) * stride) + kernel - cut, ((4 - 1) * stride) + kernel - cut, 3);
        return Append(b, new TransposeConv2D(new Window(kernel, kernel, stride, stride, PadTop: cut, PadLeft: cut), 1, Clamp.None), shape, Weights("w", 3, kernel, kernel, 2), Weights("b", 3));
    });

    [TestMethod]
    public void Grouped_convolution() => Check([1, 4, 5, 4], b =>
        Append(b, new Conv2D(new Window(3, 3, PadTop: 1, PadBottom: 1), 2, Clamp.None), new Shape(1, 4, 3, 6), Weights("w", 6, 3, 3, 2), Weights("b", 6)));

    [TestMethod]
    [DataRow(2, 3, 1)]
    [DataRow(3, 8, 2)]
    public void Depthwise_multiplier(int multiplier, int channels, int stride) => Check([1, 5, 5, channels], b =>
        Append(b, new DepthwiseConv2D(new Window(3, 3, stride, stride), Clamp.None), new Shape(1, stride == 1 ? 3 : 2, stride == 1 ? 3 : 2, channels * multiplier), Weights("w", 1, 3, 3, channels * multiplier)));

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(2, 2)]
    public void Depthwise_over_whole_vectors_with_padding(int stride, int dilation) => Check([1, 5, 6, 19], b =>
    {
        var window = new Window(3, 3, stride, stride, dilation, dilation, 1, 1, 2, 1);
        return Append(b, new DepthwiseConv2D(window, Clamp.None), new Shape(1, window.OutputHeight(5), window.OutputWidth(6), 19), Weights("w", 1, 3, 3, 19), Weights("b", 19));
    });

    [TestMethod]
    public void BatchNorm_over_whole_vectors() => Check([1, 4, 3, 21], b => b.BatchNorm());

    [TestMethod]
    public void PRelu() => Check([1, 3, 2, 4], b => Append(b, new PRelu(), b.Current.Shape, Weights("slope", 4)));

    [TestMethod]
    public void Pad() => Check([1, 3, 2, 2], b => Append(b, new Pad([0, 1, 0, 0], [0, 0, 2, 1], PadMode.Constant, 0.5f), new Shape(1, 4, 4, 3)));

    [TestMethod]
    public void Pad_by_reflection() => Check([1, 3, 3, 2], b => Append(b, new Pad([0, 1, 1, 0], [0, 1, 1, 0], PadMode.Reflect, 0), new Shape(1, 5, 5, 2)));

    [TestMethod]
    public void Resize_to_the_nearest() => Check([1, 2, 3, 2], b =>
        Append(b, new Resize(ResizeFunction.Nearest, ResizeCoordinates.Asymmetric, NearestRounding.Floor), new Shape(1, 4, 6, 2)));

    [TestMethod]
    [DataRow(new[] { 1, 7 })]
    [DataRow(new[] { 1, 3, 2, 5 })]
    public void LayerNorm(int[] shape) => Check(shape, b => Append(b, new LayerNorm(1e-5f, Clamp.None), b.Current.Shape, Weights("scale", shape[^1]), Weights("bias", shape[^1])));

    [TestMethod]
    [DataRow(nameof(RecurrentCellKind.SimpleRnn))]
    [DataRow(nameof(RecurrentCellKind.Gru))]
    [DataRow(nameof(RecurrentCellKind.Lstm))]
    public void Recurrent(string kind) => Check([1, 4, 3, 2], b => b.Rows().Recurrent(Enum.Parse<RecurrentCellKind>(kind), 5));

    [TestMethod]
    [DataRow(nameof(RecurrentCellKind.SimpleRnn))]
    [DataRow(nameof(RecurrentCellKind.Gru))]
    [DataRow(nameof(RecurrentCellKind.Lstm))]
    public void Recurrent_layers_above_each_other_without_biases(string kind) => Check([1, 4, 3, 1], b =>
    {
        var cell = new Recurrent(Enum.Parse<RecurrentCellKind>(kind));
        b.Rows();
        Append(b, cell, new Shape(1, 4, 3), Weights("W1", 3 * cell.Gates, 3), Weights("R1", 3 * cell.Gates, 3));
        return Append(b, cell, new Shape(1, 4, 2), Weights("W2", 2 * cell.Gates, 3), Weights("R2", 2 * cell.Gates, 2));
    });

    [TestMethod]
    public void Transpose_and_slice() => Check([1, 3, 4, 2], b =>
        Append(Append(b, new Transpose([0, 3, 1, 2]), new Shape(1, 2, 3, 4)), new Slice([0, 1, 2, 0], [1, 1, -1, 2]), new Shape(1, 1, 3, 2)));

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void Concat(int axis) => Check([1, 2, 3, 2], b =>
    {
        Value first = b.Current;
        b.Conv2D(2, 1, 1);
        return Append(b, new Concat(axis), first.Shape.With(axis, 2 * first.Shape[axis]), first);
    });

    [TestMethod]
    [DataRow(nameof(BinaryFunction.Sub), false)]
    [DataRow(nameof(BinaryFunction.Mul), true)]
    [DataRow(nameof(BinaryFunction.Mul), false)]
    [DataRow(nameof(BinaryFunction.Max), false)]
    [DataRow(nameof(BinaryFunction.Min), true)]
    [DataRow(nameof(BinaryFunction.Div), true)]
    public void Binary_broadcast(string function, bool constant) => Check([1, 2, 3, 4], b =>
    {
        Value all = b.Current;
        Value other = Weights("other", 1, 3, 1);
        if (!constant)
        {
            // One number for each channel and sample.
            other = Append(b, new Reduce(ReduceFunction.Mean, [1, 2], true), new Shape(1, 1, 1, 4)).Current;
        }

        b.Current = all;
        return Append(b, new Binary(Enum.Parse<BinaryFunction>(function), Clamp.None), all.Shape, other);
    });

    [TestMethod]
    public void Embedding()
    {
        var graph = new Graph();
        var indices = new Value("indices", ElementType.Int32, new Shape(1, 3));
        var rows = new Value("rows", ElementType.Float32, new Shape(1, 3, 2));
        graph.Inputs.Add(indices);
        graph.Nodes.Add(new Node("lookup", new Gather(0), [Weights("table", 5, 2), indices], [rows]));
        graph.Outputs.Add(rows);
        Check(graph, [0, 4, 4, 1, 2, 3, 4, 0, 1]);
    }

    private static NetworkBuilder Append(NetworkBuilder builder, Operator op, Shape output, params Value[] more)
    {
        var value = new Value(builder.Graph.UniqueName("tested"), ElementType.Float32, output);
        builder.Graph.Nodes.Add(new Node(value.Name, op, [builder.Current, .. more], [value]));
        builder.Current = value;
        return builder;
    }

    private static Value Weights(string name, params int[] extents)
    {
        var random = new Random(extents.Length + extents[^1]);
        var shape = new Shape(extents);
        return new Value(name, new Tensor(shape, Enumerable.Range(0, shape.ElementCount).Select(_ => (float)(random.NextDouble() + 0.3) * (random.Next(2) == 0 ? 1 : -1)).ToArray()));
    }

    /// <summary>
    /// The loss is a fixed random combination of the outputs, so that every output matters. A layer stands before the one under
    /// test: its weights have the right gradient only if that one hands back the right gradient of its input.
    /// </summary>
    private static void Check(int[] shape, Func<NetworkBuilder, NetworkBuilder> add)
    {
        var builder = new NetworkBuilder("n", new Shape(shape), 1);
        builder = add(shape.Length == 4 ? builder.Conv2D(shape[3], 1, 1) : builder.FullyConnected(shape[^1]));
        Check(builder.Build(), null);
    }

    private static void Check(Graph graph, float[]? fixedInput)
    {
        var network = new TrainableNetwork(graph, 1, Samples);
        Shard shard = network.Shards[0];
        shard.Samples = Samples;
        shard.IsTraining = true;
        var random = new Random(5);
        float[] input = fixedInput ?? Enumerable.Range(0, Samples * network.Input.Shape.ElementCount).Select(_ => (float)((random.NextDouble() * 4) - 2)).ToArray();
        float[] weights = Enumerable.Range(0, Samples * network.Output.Shape.ElementCount).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray();

        double Loss()
        {
            input.CopyTo(shard.Activation(network.Input));
            network.Forward(shard);
            double sum = 0;
            Span<float> output = shard.Activation(network.Output);
            for (int i = 0; i < weights.Length; i++)
            {
                sum += (double)weights[i] * output[i];
            }

            return sum;
        }

        Loss();
        shard.ClearGradients();
        weights.CopyTo(shard.Gradient(network.Output));
        network.Backward(shard);
        network.Gather();
        foreach (Parameter parameter in network.Parameters)
        {
            Compare(parameter.Value.Name, parameter.Data, parameter.Gradient, Loss);
        }
    }

    private static void Compare(string name, float[] data, float[] gradient, Func<double> loss)
    {
        int off = 0;
        for (int i = 0; i < data.Length; i++)
        {
            float saved = data[i];
            data[i] = saved + Step;
            double above = loss();
            data[i] = saved - Step;
            double below = loss();
            data[i] = saved;
            double expected = (above - below) / (2 * Step);
            if (Math.Abs(expected - gradient[i]) > 0.02 * Math.Max(1, Math.Abs(expected)))
            {
                off++;
            }
        }

        // A finite step may cross the kink of a clamp or the change of a maximum: a few may differ, a wrong formula differs everywhere.
        Assert.IsTrue(off <= data.Length / 10, $"{name}: {off} of {data.Length} gradients differ from finite differences");
    }
}
