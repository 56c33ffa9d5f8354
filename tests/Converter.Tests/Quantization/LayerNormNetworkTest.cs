using TinyInference.Converter;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Quantization;

namespace Converter.Tests.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>Layer normalization in int8 against the same in float: on what int8 has left of the input, and on the input itself.</summary>
[TestClass]
public class LayerNormNetworkTest
{
    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    [DataRow(300)]
    [DataRow(2000)]
    public void Int8_is_float_on_the_same_input_but_for_the_last_rounding(int depth)
    {
        double ownWorst = 0;
        double worst = 0;
        double sum = 0;
        long count = 0;
        RandomCases.ForAll(
            random =>
            {
                Graph graph = Graph(random, depth, 1e-5f);
                Tensor[] samples = [.. Enumerable.Range(0, 8).Select(_ => Sample(random, graph.Inputs[0].Shape))];
                ConversionResult network = Convert(graph, samples);
                var runner = new BlobRunner(network);
                var reference = new FloatExecutor(graph);
                BlobTensor input = network.Program.Inputs[0];
                BlobTensor output = network.Program.Outputs[0];
                float scale = output.Scale;
                foreach (Tensor sample in samples)
                {
                    float[] grid = Array.ConvertAll(sample.Floats, v => input.Scale * (FixedPoint.Quantize(v, input.Scale, input.ZeroPoint) - input.ZeroPoint));
                    float[] own = reference.Run(new Tensor(sample.Shape, grid))[0].Floats;
                    float[] expected = reference.Run(sample)[0].Floats;
                    float[] actual = runner.Run(sample.Floats);
                    for (int i = 0; i < expected.Length; i++)
                    {
                        double difference = Math.Abs(actual[i] - expected[i]) / scale;
                        float inRange = Math.Clamp(own[i], scale * (-128 - output.ZeroPoint), scale * (127 - output.ZeroPoint));
                        ownWorst = Math.Max(ownWorst, Math.Abs(actual[i] - inRange) / scale);
                        worst = Math.Max(worst, difference);
                        sum += difference;
                        count++;
                    }
                }
            },
            count: 10);
        Console.WriteLine($"depth {depth}: {ownWorst:F2} steps at most, with the rounding of the input {worst:F2} at most and {sum / count:F3} on average");

        Assert.IsLessThan(0.6, ownWorst);
        Assert.IsLessThan(0.5, sum / count);
        Assert.IsLessThan(3, worst);
    }

    [TestMethod]
    public void Rows_without_deviation_give_the_bias()
    {
        Graph graph = Graph(new Random(1), 6, 0);
        Tensor[] samples = [Sample(new Random(2), graph.Inputs[0].Shape)];
        ConversionResult network = Convert(graph, samples);

        float[] y = new BlobRunner(network).Run(new float[graph.Inputs[0].Shape.ElementCount]);

        float[] bias = graph.Nodes[0].Input(2).Constant!.Floats;
        for (int i = 0; i < y.Length; i++)
        {
            Assert.AreEqual(bias[i % 6], y[i], 0.51f * network.Program.Outputs[0].Scale);
        }
    }

    [TestMethod]
    public void Scales_that_do_not_fit_are_refused_with_the_operator_named()
    {
        Graph graph = Graph(new Random(1), 6, 1e-5f);
        graph.Nodes[0].Input(1).Constant!.Floats[2] = float.PositiveInfinity;
        graph.Nodes[0].Output.Quantization = new QuantizationParameters(0.1f, 0);

        string message = Assert.ThrowsExactly<InputException>(() => Convert(graph, [Sample(new Random(2), graph.Inputs[0].Shape)])).Message;

        StringAssert.Contains(message, "'norm'");
        StringAssert.Contains(message, "too large beside the scale 0.1");
    }

    private static Graph Graph(Random random, int depth, float epsilon)
    {
        var graph = new Graph();
        var x = new Value("x", ElementType.Float32, new Shape(1, 5, depth));
        var y = new Value("y", ElementType.Float32, x.Shape);
        graph.Inputs.Add(x);
        graph.Outputs.Add(y);
        graph.Nodes.Add(new Node("norm", new LayerNorm(epsilon, Clamp.None), [x, Constant("scale", 0.5f), Constant("bias", -0.5f)], [y]));
        return graph;

        Value Constant(string name, float least) => new(name, new Tensor(new Shape(depth), Array.ConvertAll(new float[depth], _ => least + random.NextSingle())));
    }

    /// <summary>Rows of different means and deviations, uniform.</summary>
    private static Tensor Sample(Random random, Shape shape)
    {
        float[] data = new float[shape.ElementCount];
        for (int row = 0; row < data.Length; row += shape[-1])
        {
            float mean = (random.NextSingle() * 2) - 1;
            float width = 1 + (2 * random.NextSingle());
            for (int i = 0; i < shape[-1]; i++)
            {
                data[row + i] = mean + (width * (random.NextSingle() - 0.5f) * 2);
            }
        }

        return new Tensor(shape, data);
    }

    private static ConversionResult Convert(Graph graph, Tensor[] samples) =>
        NetworkConverter.Convert(graph, new CalibrationSamples(samples.Length, i => [samples[i]]), QuantizationOptions.Default with { Observer = ObserverKind.MinMax });
}
