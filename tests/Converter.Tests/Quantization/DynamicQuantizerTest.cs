using Converter.Tests.Compression;
using TinyInference.Converter;
using TinyInference.Converter.Compression;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Quantization;
using TinyInference.Converter.Training;
using Tensor = TinyInference.Converter.Graphs.Tensor;

namespace Converter.Tests.Quantization;

[TestClass]
public class DynamicQuantizerTest
{
    private static readonly QuantizationOptions s_dynamic = new() { DynamicScales = true };

    [TestMethod]
    [DataRow("mlp:256-16-12-6")]
    [DataRow("lenet5")]
    [DataRow("resnet8:width=4")]
    [DataRow("dscnn:width=8,blocks=2")]
    [DataRow("dscnn:width=8,blocks=2,norm=layer")]
    [DataRow("mobilenetv2:alpha=0.1")]
    public void The_blob_computes_what_the_float_executor_rounds(string name)
    {
        Graph prepared = NetworkConverter.Prepare(NamedNetworks.Create(name, new Shape(16, 16, 1), 6, 4));
        var samples = new CalibrationSamples(8, i => [Input(prepared, i, 1)]);
        Graph dynamic = NetworkConverter.Convert(prepared, samples, s_dynamic).Graph;
        Assert.IsTrue(dynamic.Values().Any(v => v.HasDynamicScale));
        byte[] blob = NetworkConverter.Emit(dynamic).Blob;
        var executor = new FloatExecutor(dynamic);
        for (int i = 0; i < 4; i++)
        {
            float[] expected = executor.Run(Input(prepared, i, 1))[0].Floats;
            float[] actual = Run(blob, Input(prepared, i, 1).Floats);
            for (int o = 0; o < expected.Length; o++)
            {
                Assert.AreEqual(expected[o], actual[o], 0.03f, $"input {i}, output {o}");
            }
        }
    }

    [TestMethod]
    public void Inputs_far_quieter_than_those_of_calibration_keep_their_shape()
    {
        // Without biases everything inside scales with the input; correcting them is right for loud inputs only.
        Graph graph = Biasless("mlp:64-24-24-24-6");
        var samples = new CalibrationSamples(16, i => [Input(graph, i, 1)]);
        double fixedNoise = Noise(graph, NetworkConverter.Convert(graph, samples, new QuantizationOptions { CorrectBiases = false }).Graph);
        double dynamicNoise = Noise(graph, NetworkConverter.Convert(graph, samples, s_dynamic with { CorrectBiases = false }).Graph);
        Assert.IsTrue(dynamicNoise < 0.4 * fixedNoise, $"{fixedNoise} {dynamicNoise}");
    }

    [TestMethod]
    public void A_trained_network_keeps_its_classes()
    {
        (Graph graph, FineTuner tuner) = PatternsData.Trained("dscnn:width=8,blocks=1", 6);
        Graph prepared = NetworkConverter.Prepare(graph);
        byte[] blob = NetworkConverter.Convert(prepared, QuantizationAwareTrainingTest.Samples(prepared, tuner), s_dynamic).Blob;
        var executor = new FloatExecutor(prepared);
        int same = 0;
        for (int i = 0; i < tuner.Data.Validation.Count; i++)
        {
            var x = new float[64];
            tuner.Data.Validation.Read(i, x);
            float[] input = Array.ConvertAll(x, p => p * PatternsData.Scale);
            float[] expected = executor.Run(new Tensor(prepared.Inputs[0].Shape, input))[0].Floats;
            float[] actual = Run(blob, input);
            same += Array.IndexOf(expected, expected.Max()) == Array.IndexOf(actual, actual.Max()) ? 1 : 0;
        }

        Assert.IsTrue(same >= 0.97 * tuner.Data.Validation.Count, $"{same}");
    }

    [TestMethod]
    public void A_network_without_two_layers_in_a_row_is_refused()
    {
        Graph graph = NetworkConverter.Prepare(NamedNetworks.Create("linear", new Shape(8), 3, 1));
        var samples = new CalibrationSamples(2, i => [Input(graph, i, 1)]);
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => NetworkConverter.Convert(graph, samples, s_dynamic)).Message, "without it");
    }

    private static Graph Biasless(string name)
    {
        Graph graph = NetworkConverter.Prepare(NamedNetworks.Create(name, new Shape(64), 6, 4));
        graph.Outputs[0] = graph.Nodes[^1].Input(0);
        graph.Nodes.RemoveAt(graph.Nodes.Count - 1);
        foreach (Node node in graph.Nodes)
        {
            node.OptionalInput(2)?.Constant!.Floats.AsSpan().Clear();
        }

        return graph;
    }

    /// <summary>Of the values before the last layer, relative, for inputs an eighth as large as those of calibration.</summary>
    private static double Noise(Graph reference, Graph quantized)
    {
        double noise = 0;
        double signal = 0;
        for (int i = 0; i < 8; i++)
        {
            float[] expected = Hidden(reference, Input(reference, i, 0.125f));
            float[] actual = Hidden(quantized, Input(reference, i, 0.125f));
            noise += expected.Zip(actual, (a, b) => (double)(a - b) * (a - b)).Sum();
            signal += expected.Sum(x => (double)x * x);
        }

        return noise / signal;
    }

    private static float[] Hidden(Graph graph, Tensor input)
    {
        Value wanted = graph.Nodes.Last(n => n.Operator is FullyConnected).Input(0);
        float[] hidden = [];
        new FloatExecutor(graph).Run([input], (value, tensor) => hidden = value == wanted ? (float[])tensor.Floats.Clone() : hidden);
        return hidden;
    }

    private static Tensor Input(Graph graph, int seed, float scale)
    {
        var random = new Random(seed);
        return new Tensor(graph.Inputs[0].Shape, Enumerable.Range(0, graph.Inputs[0].Shape.ElementCount).Select(_ => scale * (float)random.NextDouble()).ToArray());
    }

    private static float[] Run(byte[] blob, float[] input)
    {
        TinyInference.Model model = TinyInference.Model.Load(blob);
        var output = new float[model.Outputs[0].ElementCount];
        new TinyInference.Converter.Cli.Prediction.BlobNetwork(model, "test").CreatePredictor()(input, output);
        return output;
    }
}
