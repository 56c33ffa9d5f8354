using TinyInference.Converter;
using TinyInference.Converter.Compression;
using TinyInference.Converter.Compression.QuantizationAware;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Quantization;
using TinyInference.Converter.Training;

namespace Converter.Tests.Compression;

[TestClass]
public class QuantizationAwareTrainingTest
{
    [TestMethod]
    [DataRow("dscnn:width=8,blocks=1", nameof(WeightGranularity.PerChannel))]
    [DataRow("dscnn:width=8,blocks=1", nameof(WeightGranularity.PerTensor))]
    [DataRow("resnet8:width=4", nameof(WeightGranularity.PerTensor))]
    [DataRow("mlp:64-16-6", nameof(WeightGranularity.PerTensor))]
    [DataRow("mlp:64-16-6,norm=layer", nameof(WeightGranularity.PerTensor))]
    [DataRow("dscnn:width=8,blocks=1,norm=layer", nameof(WeightGranularity.PerChannel))]
    public void The_blob_has_the_weights_and_scales_that_were_trained(string name, string granularity)
    {
        (Graph graph, FineTuner tuner) = PatternsData.Trained(name, 8);
        Graph prepared = NetworkConverter.Prepare(graph);
        var options = new QuantizationAwareOptions { Epochs = 2, Quantization = new QuantizationOptions { Weights = Enum.Parse<WeightGranularity>(granularity) } };
        QuantizationAwareResult result = QuantizationAwareTraining.Train(prepared, Samples(prepared, tuner), tuner, options, null, default);
        Assert.IsFalse(StaticQuantizer.NeedsCalibration(result.Graph));
        Assert.IsTrue(result.Accuracy > 0.7, $"{result.Accuracy}");
        Graph quantized = NetworkConverter.Convert(result.Graph, null, options.Quantization).Graph;
        foreach (Node node in quantized.Nodes.Where(n => WeightQuantizer.WeightAxis(n) is not null))
        {
            Assert.IsTrue(result.Graph.Values().Any(v => v.Name == node.Input(1).Name && v.Constant == node.Input(1).Constant), node.Name);
        }

        Assert.AreEqual(result.Accuracy, Accuracy(quantized, tuner), 0.01);
    }

    [TestMethod]
    public void Training_recovers_what_coarse_activations_lose()
    {
        // Ranges from one sample of zeros are far too small: training has to widen them.
        (Graph graph, FineTuner tuner) = PatternsData.Trained("mlp:64-16-6", 6);
        Graph prepared = NetworkConverter.Prepare(graph);
        var dark = new CalibrationSamples(1, _ => [new Tensor(prepared.Inputs[0].Shape, Enumerable.Repeat(0.3f, 64).ToArray())]);
        QuantizationAwareResult result = QuantizationAwareTraining.Train(prepared, dark, tuner, new QuantizationAwareOptions { Epochs = 6 }, null, default);
        Assert.IsTrue(result.AccuracyBefore < 0.6 && result.Accuracy > 0.7, $"{result.AccuracyBefore} to {result.Accuracy}");
    }

    [TestMethod]
    public void Layers_of_very_unequal_weights_are_trained_alike()
    {
        // The same function, its first layer's weights and biases a thousandth and the second's weights a thousandfold: the same training.
        (Graph graph, FineTuner tuner) = PatternsData.Trained("mlp:64-16-6", 3);
        Graph plain = NetworkConverter.Prepare(graph);
        Graph scaled = TrainableGraph.Copy(plain);
        Node[] layers = [.. scaled.Nodes.Where(n => n.Operator is FullyConnected)];
        foreach ((Value value, float factor) in new[] { (layers[0].Input(1), 1f / 1024), (layers[0].Input(2), 1f / 1024), (layers[1].Input(1), 1024f) })
        {
            float[] data = value.Constant!.Floats;
            for (int i = 0; i < data.Length; i++)
            {
                data[i] *= factor;
            }
        }

        // Coarse ranges, so that there is something to gain.
        double[] accuracies = [.. new[] { plain, scaled }.Select(g =>
        {
            var dark = new CalibrationSamples(1, _ => [new Tensor(g.Inputs[0].Shape, Enumerable.Repeat(0.3f, 64).ToArray())]);
            return QuantizationAwareTraining.Train(g, dark, new FineTuner(tuner.Data, 32, 1), new QuantizationAwareOptions { Epochs = 3 }, null, default).Accuracy;
        })];
        Assert.AreEqual(accuracies[0], accuracies[1], 0.02, $"{accuracies[0]} {accuracies[1]}");
    }

    /// <summary>Depthwise layers whose channels differ by up to e^6, as folded batch norm leaves them in networks from elsewhere; the next layer takes it back.</summary>
    [TestMethod]
    [DataRow("dscnn:width=12,blocks=3")]
    public void Training_recovers_half_of_what_one_scale_for_unequal_channels_loses(string name)
    {
        (Graph graph, FineTuner tuner) = PatternsData.Trained(name, 10);
        Graph prepared = NetworkConverter.Prepare(graph);
        Unbalance(prepared);
        double real = Accuracy(prepared, tuner);
        var options = new QuantizationOptions { Weights = WeightGranularity.PerTensor, Observer = ObserverKind.MinMax };
        double fixedAfterwards = Accuracy(NetworkConverter.Convert(prepared, Samples(prepared, tuner), options).Graph, tuner);
        QuantizationAwareResult result = QuantizationAwareTraining.Train(prepared, Samples(prepared, tuner), tuner, new QuantizationAwareOptions { Epochs = 10, Quantization = options }, null, default);
        double trained = Accuracy(NetworkConverter.Convert(result.Graph, null, options).Graph, tuner);
        Console.WriteLine($"float {real:P2}, static {fixedAfterwards:P2}, trained with rounding {trained:P2}");
        Assert.IsTrue(real - fixedAfterwards > 0.01, $"{real} {fixedAfterwards}");
        Assert.IsTrue(real - trained <= (real - fixedAfterwards) / 2, $"{real} {fixedAfterwards} {trained}");
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(0.0003f)]
    public void Large_weights_of_channels_that_are_hardly_active_do_not_coarsen_the_others(float activity)
    {
        // What batch norm over a dead channel leaves, folded: a variance near 0, so huge weights, which have no gradient.
        (Graph graph, FineTuner tuner) = PatternsData.Trained("dscnn:width=12,blocks=2", 10);
        Graph prepared = TrainableGraph.Copy(NetworkConverter.Prepare(graph));
        Node depthwise = prepared.Nodes.First(n => n.Operator is DepthwiseConv2D);
        Node before = prepared.Producers()[depthwise.Input(0)];
        float[] made = before.Input(1).Constant!.Floats;
        float[] bias = before.Input(2).Constant!.Floats;
        float[] weights = depthwise.Input(1).Constant!.Floats;
        const int Dead = 3;
        int inputs = made.Length / bias.Length;
        made.AsSpan(Dead * inputs, inputs).Clear();
        bias[Dead] = activity;
        float largest = weights.Max(Math.Abs);
        for (int i = Dead; i < weights.Length; i += bias.Length)
        {
            weights[i] = 300 * largest;
        }

        depthwise.Input(2).Constant!.Floats[Dead] -= 9 * activity * 300 * largest;
        double real = Accuracy(prepared, tuner);
        var options = new QuantizationOptions { Weights = WeightGranularity.PerTensor };
        QuantizationAwareResult result = QuantizationAwareTraining.Train(prepared, Samples(prepared, tuner), tuner, new QuantizationAwareOptions { Epochs = 3, Quantization = options }, null, default);
        Assert.IsTrue(result.Accuracy > real - 0.03, $"{real} to {result.Accuracy}");
    }

    private static void Unbalance(Graph graph)
    {
        var random = new Random(3);
        ILookup<Value, Node> consumers = graph.Consumers();
        foreach (Node node in graph.Nodes.Where(n => n.Operator is DepthwiseConv2D && consumers[n.Output].Single().Operator is Conv2D))
        {
            Node next = consumers[node.Output].Single();
            int channels = node.Input(1).Shape[3];
            float[] factors = [.. Enumerable.Range(0, channels).Select(_ => (float)Math.Exp(6 * (random.NextDouble() - 0.5)))];
            Multiply(node.Input(1), i => factors[i % channels]);
            Multiply(node.Input(2), i => factors[i]);
            Multiply(next.Input(1), i => 1 / factors[i % channels]);
        }

        static void Multiply(Value value, Func<int, float> factor) =>
            value.Constant = new Tensor(value.Shape, value.Constant!.Floats.Select((w, i) => w * factor(i)).ToArray());
    }

    [TestMethod]
    public void What_the_range_clips_has_no_gradient()
    {
        Graph graph = new NetworkBuilder("two", new Shape(1, 1), 1).FullyConnected(20).Build();
        var grid = new ActivationGrid(new QuantizationParameters(1f / sbyte.MaxValue, 0), true);
        var network = new TrainableNetwork(graph, 1, 1, layer => new RoundedLayer(layer, null, grid));
        float[] weights = network.Parameters[0].Data;
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (i - 9.5f) / 5;
        }

        Shard shard = network.Shards[0];
        (shard.Samples, shard.IsTraining) = (1, true);
        shard.Activation(network.Input)[0] = 1;
        network.Forward(shard);
        shard.Gradient(network.Output).Fill(1);
        network.Backward(shard);
        CollectionAssert.AreEqual(Array.ConvertAll(weights, w => Math.Abs(w) < 1 ? 1f : 0f), shard.Gradient(network.Parameters[0]).ToArray());
    }

    [TestMethod]
    public void One_scale_for_the_network_is_refused()
    {
        (Graph graph, FineTuner tuner) = PatternsData.Trained("linear", 1);
        Graph prepared = NetworkConverter.Prepare(graph);
        var options = new QuantizationAwareOptions { Quantization = new QuantizationOptions { Weights = WeightGranularity.PerNetwork } };
        Assert.ThrowsExactly<InputException>(() => QuantizationAwareTraining.Train(prepared, Samples(prepared, tuner), tuner, options, null, default));
    }

    internal static CalibrationSamples Samples(Graph prepared, FineTuner tuner) => new(64, i =>
    {
        var x = new float[64];
        tuner.Data.Train.Read(i, x);
        return [new Tensor(prepared.Inputs[0].Shape, Array.ConvertAll(x, p => p * PatternsData.Scale))];
    });

    private static double Accuracy(Graph quantized, FineTuner tuner)
    {
        var executor = new FloatExecutor(quantized);
        int right = 0;
        for (int i = 0; i < tuner.Data.Validation.Count; i++)
        {
            var x = new float[64];
            tuner.Data.Validation.Read(i, x);
            float[] y = executor.Run(new Tensor(quantized.Inputs[0].Shape, Array.ConvertAll(x, p => p * PatternsData.Scale)))[0].ToFloats();
            right += Array.IndexOf(y, y.Max()) == tuner.Data.Validation.Labels![i] ? 1 : 0;
        }

        return (double)right / tuner.Data.Validation.Count;
    }
}
