using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

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

    /// <summary>
    /// The loss is a fixed random combination of the outputs, so that every output matters. A layer stands before the one under
    /// test: its weights have the right gradient only if that one hands back the right gradient of its input.
    /// </summary>
    private static void Check(int[] shape, Func<NetworkBuilder, NetworkBuilder> add)
    {
        var builder = new NetworkBuilder("n", new Shape(shape), 1);
        builder = add(shape.Length == 4 ? builder.Conv2D(shape[3], 1, 1) : builder.FullyConnected(shape[^1]));
        var network = new TrainableNetwork(builder.Build(), 1, Samples);
        Shard shard = network.Shards[0];
        shard.Samples = Samples;
        shard.IsTraining = true;
        var random = new Random(5);
        float[] input = Enumerable.Range(0, Samples * network.Input.Shape.ElementCount).Select(_ => (float)((random.NextDouble() * 4) - 2)).ToArray();
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
