using TinyInference.Converter.Compression;
using TinyInference.Converter.Compression.Repairs;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Quantization;
using TinyInference.Converter.Training;

namespace Converter.Tests.Compression;

[TestClass]
public class RepairsTest
{
    [TestMethod]
    [DataRow("dscnn:width=8,blocks=2")]
    [DataRow("mlp:64-16-12-6")]
    [DataRow("resnet8:width=4")]
    public void Equalized_channels_compute_the_same(string name)
    {
        Graph prepared = NetworkConverter.Prepare(NamedNetworks.Create(name, PatternsData.Sample, 6, 4));
        Unbalance(prepared);
        Tensor input = Input(prepared, 1);
        float[] before = new FloatExecutor(prepared).Run(input)[0].Floats;
        Graph equalized = prepared.Clone();
        Assert.IsTrue(CrossLayerEqualization.Apply(equalized) > 0);
        float[] after = new FloatExecutor(equalized).Run(input)[0].Floats;
        for (int i = 0; i < before.Length; i++)
        {
            Assert.AreEqual(before[i], after[i], 1e-4f);
        }
    }

    [TestMethod]
    public void Equalization_brings_back_what_one_scale_loses()
    {
        Graph prepared = NetworkConverter.Prepare(NamedNetworks.Create("dscnn:width=8,blocks=2", PatternsData.Sample, 6, 4));
        Unbalance(prepared);
        var options = new QuantizationOptions { Weights = WeightGranularity.PerTensor };
        double plain = Noise(prepared, prepared, options);
        Graph equalized = prepared.Clone();
        CrossLayerEqualization.Apply(equalized);
        Assert.IsTrue(Noise(prepared, equalized, options) < 0.5 * plain);
    }

    [TestMethod]
    [DataRow("mlp:64-16-12-6", false)]
    [DataRow("resnet8:width=4", false)]
    [DataRow("dscnn:width=16,blocks=2", false)]
    [DataRow("dscnn:width=8,blocks=1", false)]
    [DataRow("mlp:64-16-12-6", true)]
    [DataRow("dscnn:width=8,blocks=1", true)]
    public void Adaptive_rounding_changes_the_outputs_less_than_the_nearest(string name, bool correctBiases)
    {
        (Graph graph, FineTuner tuner) = PatternsData.Trained(name, 2);
        Graph prepared = NetworkConverter.Prepare(graph);
        CalibrationSamples samples = QuantizationAwareTrainingTest.Samples(prepared, tuner);
        Graph rounded = prepared.Clone();
        Assert.IsTrue(AdaptiveRounding.Apply(rounded, samples, WeightGranularity.PerTensor, correctBiases, _ => { }, default).Rounded > 0);
        Graph nearest = prepared.Clone();
        foreach (Node node in nearest.Nodes.Where(n => WeightQuantizer.WeightAxis(n) is not null))
        {
            float[] weights = (float[])node.Input(1).Constant!.Floats.Clone();
            float scale = weights.Max(Math.Abs) / 127;
            node.Inputs[1] = new Value(node.Input(1).Name, new Tensor(node.Input(1).Shape, Array.ConvertAll(weights, w => scale * MathF.Round(w / scale))));
        }

        double Distance(Graph other) => Enumerable.Range(0, samples.Count).Sum(i => Distance2(Logits(prepared, samples.Read(i)), Logits(other, samples.Read(i))));
        Assert.IsTrue(Distance(rounded) < Distance(nearest), $"{Distance(rounded)} {Distance(nearest)}");
        Assert.IsTrue(NetworkConverter.Convert(rounded, samples, QuantizationOptions.Default).Blob.Length > 0);
    }

    [TestMethod]
    public void Pruned_weights_stay_zero()
    {
        (Graph graph, FineTuner tuner) = PatternsData.Trained("mlp:64-16-6", 1);
        Graph prepared = NetworkConverter.Prepare(graph);
        Value weights = prepared.Nodes.First(n => n.Operator is FullyConnected).Input(1);
        weights.Constant!.Floats.AsSpan(0, 200).Clear();
        AdaptiveRounding.Apply(prepared, QuantizationAwareTrainingTest.Samples(prepared, tuner), WeightGranularity.PerTensor, true, _ => { }, default);
        Assert.IsTrue(prepared.Nodes.First(n => n.Operator is FullyConnected).Input(1).Constant!.Int8s.Take(200).All(w => w == 0));
    }

    private static double Noise(Graph reference, Graph graph, QuantizationOptions options)
    {
        var samples = new CalibrationSamples(16, i => [Input(reference, i)]);
        Graph quantized = NetworkConverter.Convert(graph, samples, options).Graph;
        return Enumerable.Range(0, 16).Sum(i => Distance2(Logits(reference, samples.Read(i)), Logits(quantized, samples.Read(i))));
    }

    /// <summary>What the softmax reads.</summary>
    private static float[] Logits(Graph graph, Tensor[] inputs)
    {
        float[] logits = [];
        Value wanted = graph.Nodes[^1].Input(0);
        new FloatExecutor(graph).Run(inputs, (value, tensor) => logits = value == wanted ? (float[])tensor.Floats.Clone() : logits);
        return logits;
    }

    private static double Distance2(float[] a, float[] b) => a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum();

    private static Tensor Input(Graph graph, int seed)
    {
        var random = new Random(seed);
        return new Tensor(graph.Inputs[0].Shape, Enumerable.Range(0, graph.Inputs[0].Shape.ElementCount).Select(_ => (float)random.NextDouble()).ToArray());
    }

    /// <summary>Makes the ranges of channels very different, as training with batch norm does.</summary>
    private static void Unbalance(Graph graph)
    {
        var random = new Random(3);
        foreach (Node node in graph.Nodes.Where(n => n.Operator is DepthwiseConv2D))
        {
            float[] weights = node.Input(1).Constant!.Floats;
            int channels = node.Input(1).Shape[3];
            float[] factors = [.. Enumerable.Range(0, channels).Select(_ => (float)Math.Exp(4 * (random.NextDouble() - 0.5)))];
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] *= factors[i % channels];
            }
        }
    }
}
