using TinyInference.Converter;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Import;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Quantization;

namespace Converter.Tests.Quantization;

using TinyInference.Converter.Graphs;

[TestClass]
public class StaticQuantizerTest
{
    [TestMethod]
    public void Without_samples_a_float_network_is_refused_with_what_to_do()
    {
        InputException e = Assert.ThrowsExactly<InputException>(() => Quantize(Network(1), null, QuantizationOptions.Default));
        StringAssert.Contains(e.Message, "--calibration");
        Assert.ThrowsExactly<InputException>(() => Quantize(Network(1), new CalibrationSamples(0, _ => []), QuantizationOptions.Default));
    }

    [TestMethod]
    public void Weights_that_are_no_numbers_are_refused() =>
        Assert.ThrowsExactly<InputException>(() => Quantize(Network(float.NaN), Samples(), QuantizationOptions.Default));

    [TestMethod]
    public void Given_parameters_are_kept_and_prescribed_ones_used()
    {
        Graph graph = Network(1);
        graph.Inputs[0].Quantization = new QuantizationParameters(0.5f, 3);

        Graph result = Quantize(graph, Samples(), QuantizationOptions.Default);

        Assert.AreEqual(new QuantizationParameters(0.5f, 3), result.Inputs[0].Quantization);
        Assert.AreEqual(new QuantizationParameters(1f / 256, -128), result.Outputs[0].Quantization);
        Assert.AreEqual(ElementType.Float32, graph.Inputs[0].Type, "the graph given stays as it is");
    }

    [TestMethod]
    public void One_scale_serves_the_whole_network_on_request()
    {
        Graph result = Quantize(Network(3), Samples(), QuantizationOptions.Default with { Activations = ActivationGranularity.PerNetwork, Weights = WeightGranularity.PerNetwork });
        Assert.AreEqual(result.Inputs[0].Quantization, result.Nodes[0].Output.Quantization);
    }

    [TestMethod]
    public void Hard_forms_take_the_place_of_sigmoid() =>
        Assert.AreEqual(UnaryFunction.HardSigmoid, ((Unary)Quantize(Network(1), Samples(), QuantizationOptions.Default with { HardForms = true }).Nodes[1].Operator).Function);

    [TestMethod]
    public void Threads_do_not_change_the_result()
    {
        foreach (ObserverKind observer in Enum.GetValues<ObserverKind>())
        {
            byte[] one = NetworkConverter.Convert(Network(1), Samples(), QuantizationOptions.Default with { Observer = observer, Threads = 1 }).Blob;
            byte[] two = NetworkConverter.Convert(Network(1), Samples(), QuantizationOptions.Default with { Observer = observer, Threads = 2 }).Blob;
            CollectionAssert.AreEqual(one, two);
        }
    }

    [TestMethod]
    public void Everything_that_cannot_be_lowered_is_named_at_once()
    {
        var graph = new Graph { Name = "net" };
        var x = Int8("x");
        var y = Int8("y");
        var z = Int8("z");
        graph.Inputs.Add(x);
        graph.Outputs.AddRange([y, z]);
        graph.Nodes.Add(new Node("first", new Softmax(1, 1, Log: true), [x], [y]));
        graph.Nodes.Add(new Node("second", new Reduce(ReduceFunction.Prod, [1], true), [x], [z]));

        string message = Assert.ThrowsExactly<InputException>(() => Lowerer.Lower(graph)).Message;

        StringAssert.Contains(message, "'first'");
        StringAssert.Contains(message, "'second'");

        static Value Int8(string name) => new(name, ElementType.Int8, new Shape(1, 4)) { Quantization = new QuantizationParameters(0.1f, 0) };
    }

    [TestMethod]
    [DataRow(16)]
    [DataRow(32)]
    public void Anomaly_detection_reconstructs_within_two_percent_of_float(int samples)
    {
        byte[] golden = File.ReadAllBytes(SharedFiles.Path("goldens/ad01_int8.inputs.bin"));
        Graph graph = NetworkConverter.Prepare(ModelImporter.Load(SharedFiles.Path("models/mlperf-tiny/ad_fp32.onnx")));
        Tensor Read(int i) => new(graph.Inputs[0].Shape, Array.ConvertAll(golden[(i * 640)..((i + 1) * 640)], b => ((sbyte)b - 89) * 0.391015232f));
        ConversionResult network = NetworkConverter.Convert(graph, new CalibrationSamples(samples, i => [Read(i)]), QuantizationOptions.Default);
        var executor = new FloatExecutor(graph);
        var runner = new BlobRunner(network);
        double real = 0;
        double int8 = 0;
        for (int i = 0; i < 16; i++)
        {
            Tensor x = Read(i);
            real += Error(x.Floats, executor.Run(x)[0].Floats);
            int8 += Error(x.Floats, runner.Run(x.Floats));
        }

        Console.WriteLine($"ad: float {real}, int8 {int8}, ratio {int8 / real:F4}, blob {network.Blob.Length}, RAM {network.Plan.TotalBytes}");
        Assert.AreEqual(1, int8 / real, 0.02);
        Assert.IsTrue(network.Blob.Length <= 275_000);

        static double Error(float[] a, float[] b) => a.Zip(b, (p, q) => Math.Pow(p - q, 2)).Average();
    }

    private static Graph Quantize(Graph graph, CalibrationSamples? samples, QuantizationOptions options) =>
        StaticQuantizer.Quantize(graph, samples, options, _ => { }, CancellationToken.None);

    private static CalibrationSamples Samples()
    {
        var random = new Random(1);
        Tensor[] samples = [.. Enumerable.Range(0, 20).Select(_ => new Tensor(new Shape(1, 4), random.Floats(4)))];
        return new CalibrationSamples(samples.Length, i => [samples[i]]);
    }

    /// <summary>Fully connected, then Sigmoid.</summary>
    private static Graph Network(float weight)
    {
        var graph = new Graph();
        var x = new Value("x", ElementType.Float32, new Shape(1, 4));
        var h = new Value("h", ElementType.Float32, new Shape(1, 2));
        var y = new Value("y", ElementType.Float32, new Shape(1, 2));
        graph.Inputs.Add(x);
        graph.Outputs.Add(y);
        graph.Nodes.Add(new Node("fc", new FullyConnected(Clamp.None), [x, new Value("w", new Tensor(new Shape(2, 4), new[] { weight, 1, 2, -1, 0.5f, 0.1f, -2, 1 }))], [h]));
        graph.Nodes.Add(new Node("sigmoid", new Unary(UnaryFunction.Sigmoid), [h], [y]));
        return graph;
    }
}
