using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Export.Onnx;
using TinyInference.Converter.Import.Onnx;
using TinyInference.Converter.Quantization;

namespace Converter.Tests.Trees;

using Google.Protobuf;
using TinyInference.Converter.Graphs;

/// <summary>From an ensemble to a blob, against the plain walk through its trees.</summary>
[TestClass]
public class TreeEnsemblesTest
{
    [TestMethod]
    public void Without_samples_every_decision_is_that_of_the_floats() => RandomCases.ForAll(
        random =>
        {
            TreeEnsemble ensemble = RandomTrees.Ensemble(random, random.Next(1, 40), random.Next(1, 5), random.Next(1, 9), random.Next(2) == 0);
            ConversionResult result = NetworkConverter.Convert(NetworkConverter.Prepare(RandomTrees.Graph(ensemble)), null, QuantizationOptions.Default);
            Compare(ensemble, result, random, exactInput: true);
        },
        count: 60);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Quantized_inputs_are_decided_as_their_graph_says(bool manyThresholds) => RandomCases.ForAll(
        random =>
        {
            TreeEnsemble ensemble = RandomTrees.Ensemble(random, 6, 3, manyThresholds ? 12 : 1, random.Next(2) == 0);
            Tensor[] samples = [.. Enumerable.Range(0, 50).Select(_ => new Tensor(new Shape(1, 6), RandomTrees.Input(random, 6)))];
            ConversionResult result = NetworkConverter.Convert(
                NetworkConverter.Prepare(RandomTrees.Graph(ensemble)), new CalibrationSamples(samples.Length, i => [samples[i]]), QuantizationOptions.Default);
            Compare(ensemble, result, random, exactInput: false);
        },
        count: 40);

    [TestMethod]
    public void Numbers_that_are_integers_become_int8()
    {
        // Halves between integers, as trees of pixels have them.
        TreeEnsemble ensemble = new(1, [0, 0], [new DecisionTree(-1, [new TreeNode(0, 200.5f, 1, 2), TreeNode.Leaf(0), TreeNode.Leaf(1)], [1, 0, 0, 1])]);
        Tensor[] samples = [.. Enumerable.Range(0, 256).Select(i => new Tensor(new Shape(1, 1), new[] { (float)i }))];

        ConversionResult result = NetworkConverter.Convert(
            NetworkConverter.Prepare(RandomTrees.Graph(ensemble)), new CalibrationSamples(samples.Length, i => [samples[i]]), QuantizationOptions.Default);

        Assert.AreEqual(ElementType.Int8, result.Graph.Inputs[0].Type);
        Predictor predict = new BlobNetwork(TinyInference.Model.Load(result.Blob), "blob").CreatePredictor();
        float[] y = new float[2];
        for (int i = 0; i < 256; i++)
        {
            predict([i], y);
            Assert.AreEqual(i <= 200 ? 0 : 1, y[0] > y[1] ? 0 : 1, $"{i}");
        }
    }

    [TestMethod]
    public void Scaling_before_the_trees_goes_into_the_thresholds() => RandomCases.ForAll(
        random =>
        {
            TreeEnsemble ensemble = RandomTrees.Ensemble(random, 5, 2, 5, false);
            Graph graph = RandomTrees.Graph(ensemble);
            Node trees = graph.Nodes[0];
            Value x = graph.Inputs[0];
            foreach (BinaryFunction function in new[] { BinaryFunction.Sub, BinaryFunction.Mul, BinaryFunction.Add, BinaryFunction.Div })
            {
                var y = new Value($"{function}", ElementType.Float32, x.Shape);
                var c = new Value($"{function}/c", new Tensor(new Shape(5), RandomTrees.Input(random, 5).Select(v => Math.Abs(v) + 0.01f).ToArray()));
                graph.Nodes.Insert(graph.Nodes.Count - 1, new Node($"{function}", new Binary(function, Clamp.None), [x, c], [y]));
                x = y;
            }

            trees.Inputs[0] = x;
            Graph prepared = NetworkConverter.Prepare(graph);
            Assert.AreEqual(1, prepared.Nodes.Count);
            var expected = new FloatExecutor(graph);
            var actual = new FloatExecutor(prepared);
            for (int i = 0; i < 50; i++)
            {
                var input = new Tensor(new Shape(1, 5), RandomTrees.Input(random, 5, 40));
                CollectionAssert.AreEqual(expected.Run(input)[0].Floats, actual.Run(input)[0].Floats);
            }
        },
        count: 20);

    [TestMethod]
    public void What_is_written_as_ONNX_is_read_again() => RandomCases.ForAll(
        random =>
        {
            TreeEnsemble ensemble = RandomTrees.Ensemble(random, 9, random.Next(1, 4), 6, random.Next(2) == 0);
            byte[] file = OnnxExporter.Export(RandomTrees.Graph(ensemble)).ToByteArray();
            var again = (TreeEnsemble)NetworkConverter.Prepare(OnnxImporter.Import(file, "trees.onnx", null)).Nodes[0].Operator;
            var expected = new float[ensemble.Outputs];
            var actual = new float[ensemble.Outputs];
            for (int i = 0; i < 40; i++)
            {
                float[] x = RandomTrees.Input(random, 9);
                ensemble.Predict(x, expected);
                again.Predict(x, actual);
                CollectionAssert.AreEqual(expected, actual);
            }
        },
        count: 20);

    private static void Compare(TreeEnsemble ensemble, ConversionResult result, Random random, bool exactInput)
    {
        Predictor predict = new BlobNetwork(TinyInference.Model.Load(result.Blob), "blob").CreatePredictor();
        var executor = new FloatExecutor(result.Graph);
        float scale = result.Program.Outputs[0].Scale;
        float[] actual = new float[ensemble.Outputs];
        float[] plain = new float[ensemble.Outputs];
        for (int i = 0; i < 50; i++)
        {
            float[] x = RandomTrees.Input(random, ensemble.Features);
            predict(x, actual);
            float[] expected = executor.Run(new Tensor(new Shape(1, ensemble.Features), x))[0].Floats;
            ensemble.Predict(x, plain);
            for (int o = 0; o < actual.Length; o++)
            {
                Assert.AreEqual(expected[o], actual[o], 1.01f * scale);
                if (exactInput)
                {
                    Assert.AreEqual(plain[o], actual[o], (ensemble.Trees.Length + 1) * scale);
                }
            }
        }
    }
}
