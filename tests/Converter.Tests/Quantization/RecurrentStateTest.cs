using Converter.Tests.Cli;
using Converter.Tests.Data;
using Converter.Tests.Device;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Quantization;
using TinyInference.Examples;

namespace Converter.Tests.Quantization;

using TinyInference;
using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>A recurrent network judges each sample by itself: the state of the one before is forgotten.</summary>
[TestClass]
public class RecurrentStateTest
{
    private const int Steps = 6;
    private const int Inputs = 4;
    private const int Units = 8;

    [TestMethod]
    public void A_prediction_does_not_depend_on_the_sample_before()
    {
        Predictor predict = new BlobNetwork(Model.Load(Blob()), "blob").CreatePredictor();
        float[] first = new float[3], other = new float[3], again = new float[3];

        predict(Sample(1).Floats, first);
        predict(Sample(2).Floats, other);
        predict(Sample(1).Floats, again);

        CollectionAssert.AreEqual(first, again);
        CollectionAssert.AreNotEqual(first, other);
    }

    [TestMethod]
    public void Run_resets_the_state_unless_it_is_to_keep_it()
    {
        using var files = new TemporaryFiles();
        string blob = Path.Combine(files.Folder, "lstm.tinf"), input = Path.Combine(files.Folder, "in.bin"), output = Path.Combine(files.Folder, "out.bin");
        byte[] sample = new byte[Steps * Inputs];
        new Random(3).NextBytes(sample);
        File.WriteAllBytes(blob, Blob());
        File.WriteAllBytes(input, [.. sample, .. sample]);

        Assert.AreEqual(ExitCode.Done, ToolRun.Of("run", blob, "-i", input, "-o", output).ExitCode);
        byte[] reset = File.ReadAllBytes(output);
        ToolRun keeping = ToolRun.Of("run", blob, "-i", input, "-o", output, "--keep-state");
        Assert.AreEqual(ExitCode.Done, keeping.ExitCode, keeping.Error);
        byte[] kept = File.ReadAllBytes(output);

        CollectionAssert.AreEqual(reset[..3], reset[3..]);
        CollectionAssert.AreEqual(reset[..3], kept[..3]);
        CollectionAssert.AreNotEqual(kept[..3], kept[3..]);
    }

    [TestMethod]
    public void Devices_and_examples_reset_the_state()
    {
        byte[] blob = Blob();
        var console = new ConsoleHarness(blob);
        string Results() => console.Send("infer 1 0%").Split("m-results-")[1].Split(']')[0];
        Assert.AreEqual(Results(), Results());

        var classifier = new Classifier(Model.Load(blob));
        sbyte[] sample = new sbyte[Steps * Inputs];
        Array.Fill(sample, (sbyte)90);
        (int Class, int Confidence) Classify() => (classifier.Classify(sample), classifier.Confidence);
        (int, int) first = Classify();
        Assert.AreEqual(first, Classify());
    }

    [TestMethod]
    public void The_digits_of_an_LSTM_are_those_of_the_reference()
    {
        string model = SharedFiles.Path("models/tflite-micro/trained_lstm_int8.tflite");
        string images = SharedFiles.Path("data/mnist/test5k-images-idx3-ubyte.gz"), labels = SharedFiles.Path("data/mnist/test5k-labels-idx1-ubyte.gz");
        using var files = new TemporaryFiles();
        string blob = Path.Combine(files.Folder, "lstm.tinf");
        ToolRun converted = ToolRun.Of("convert", model, "-o", blob);
        Assert.AreEqual(ExitCode.Done, converted.ExitCode, converted.Error);

        ToolRun run = ToolRun.Of("evaluate", blob, "--data", images, "--labels", labels);

        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "(4,930 correct;");
    }

    private static byte[] Blob()
    {
        Graph graph = Network();
        Graph quantized = StaticQuantizer.Quantize(graph, new CalibrationSamples(20, i => [Sample(i)]), QuantizationOptions.Default, _ => { }, CancellationToken.None);
        return NetworkConverter.Emit(quantized).Blob;
    }

    private static Tensor Sample(int seed) => Random(seed, 2, 1, Steps, Inputs);

    private static Graph Network()
    {
        var graph = new Graph { Name = "sequence" };
        var x = new Value("x", ElementType.Float32, new Shape(1, Steps, Inputs));
        var states = new Value("states", ElementType.Float32, new Shape(1, Steps, Units));
        var flat = new Value("flat", ElementType.Float32, new Shape(1, Steps * Units));
        var scores = new Value("scores", ElementType.Float32, new Shape(1, 3));
        graph.Inputs.Add(x);
        graph.Nodes.Add(new Node("lstm", new Recurrent(RecurrentCellKind.Lstm), [x, Constant("W", 4 * Units, Inputs), Constant("R", 4 * Units, Units)], [states]));
        graph.Nodes.Add(new Node("flat", new Reshape(), [states], [flat]));
        graph.Nodes.Add(new Node("scores", new FullyConnected(Clamp.None), [flat, Constant("V", 3, Steps * Units)], [scores]));
        graph.Outputs.Add(scores);
        return graph;
    }

    private static Value Constant(string name, int rows, int columns) => new(name, Random(rows + columns, 1, rows, columns));

    private static Tensor Random(int seed, float range, params int[] shape)
    {
        var random = new Random(seed);
        return new Tensor(new Shape(shape), Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => range * ((2 * random.NextSingle()) - 1)).ToArray());
    }
}
