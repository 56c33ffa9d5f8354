using Converter.Tests;
using Converter.Tests.Data;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Passes;
using TinyInference.Converter.Quantization;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Tests.Import;

using TinyInference.Converter.Graphs;
using Operator = TinyInference.Converter.Graphs.Operator;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>LSTM, GRU and RNN of ONNX in all their forms: those that are read give what the operators' text says, the others are refused by name.</summary>
[TestClass]
public class OnnxRecurrentTest
{
    private const string Hard = "HardSigmoid";

    private static readonly OnnxRecurrentCase[] s_cases = [.. Cases()];

    public static IEnumerable<object[]> Names() => s_cases.Select((c, i) => new object[] { i, c.ToString() });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_form_gives_what_the_text_says(int index, string name)
    {
        OnnxRecurrentCase file = s_cases[index];
        Graph graph = file.File().Import();
        PassPipeline.Run(graph);
        Tensor[] outputs = new FloatExecutor(graph).Run(file.Input);
        (Tensor all, Tensor last) = file.Expected();
        Assert.AreEqual(all.Shape, outputs[0].Shape, name);
        Assert.AreEqual(last.Shape, outputs[1].Shape, name);
        OnnxRuntime.AssertClose(all.Floats, outputs[0].Floats, name);
        OnnxRuntime.AssertClose(last.Floats, outputs[1].Floats, name);
    }

    [TestMethod]
    public void Onnx_runtime_gives_the_same()
    {
        // Its CPU operators have no layout 1.
        OnnxRecurrentCase[] cases = [.. s_cases.Where(c => c.Layout == 0)];
        using var files = new TemporaryFiles();
        for (int i = 0; i < cases.Length; i++)
        {
            File.WriteAllBytes(Path.Combine(files.Folder, $"{i}.onnx"), cases[i].File().WithTypes().ToBytes());
            OnnxRuntime.WriteInput(files.Folder, i, cases[i].Input.Shape, ElementType.Float32, cases[i].Input.Floats);
        }

        Tensor[][] found = OnnxRuntime.Run(files.Folder, cases.Length);
        for (int i = 0; i < cases.Length; i++)
        {
            Tensor[] outputs = new FloatExecutor(cases[i].File().Import()).Run(cases[i].Input);
            OnnxRuntime.AssertClose(outputs[0].Floats, found[i][0].Floats, cases[i].ToString());
            OnnxRuntime.AssertClose(outputs[1].Floats, found[i][1].Floats, cases[i].ToString());
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_blob_is_near_it(int index, string name)
    {
        OnnxRecurrentCase file = s_cases[index];
        Graph graph = file.File().Import();
        PassPipeline.Run(graph);
        Tensor[][] samples = [.. Enumerable.Range(0, 40).Select(i => new[] { i == 0 ? file.Input : Like(file.Input, i) })];
        Graph quantized = StaticQuantizer.Quantize(graph, new CalibrationSamples(samples.Length, i => samples[i]), QuantizationOptions.Default, _ => { }, CancellationToken.None);
        var session = new Session(Model.Load(NetworkConverter.Emit(quantized).Blob));
        double noise = 0, power = 0;
        foreach (Tensor[] sample in samples)
        {
            session.ResetState();
            session.SetInput(0, Quantize(sample[0].Floats, session.Model.Inputs[0]));
            session.Run();
            float[] expected = new FloatExecutor(graph).Run(sample)[0].Floats;
            var y = new sbyte[expected.Length];
            session.GetOutput(0, y);
            float scale = BitConverter.Int32BitsToSingle(session.Model.Outputs[0].ScaleBits);
            for (int i = 0; i < y.Length; i++)
            {
                double real = scale * (y[i] - session.Model.Outputs[0].ZeroPoint);
                noise += Math.Pow(real - expected[i], 2);
                power += Math.Pow(expected[i], 2);
            }
        }

        Console.WriteLine($"{name}: noise {Math.Sqrt(noise / power):P2}");
        Assert.IsLessThan(0.03, Math.Sqrt(noise / power), name);
    }

    [TestMethod]
    [DataRow("direction", "sideways", "attribute 'direction' is 'sideways'; forward, reverse or bidirectional is needed")]
    [DataRow("input_forget", 1, "its input and forget gate are coupled (input_forget 1): export it with gates of their own")]
    [DataRow("clip", 3f, "its activations are Sigmoid, Tanh, Tanh with the attribute 'clip' 3; only Sigmoid, Tanh, Tanh are supported, or HardSigmoid in place of Sigmoid, without 'clip'")]
    [DataRow("activations", "Sigmoid Relu Relu", "its activations are Sigmoid, Relu, Relu; only Sigmoid, Tanh, Tanh are supported")]
    [DataRow("activations", "Relu Tanh Tanh", "its activations are Relu, Tanh, Tanh;")]
    [DataRow("activations", "Sigmoid Tanh", "attribute 'activations' has 2 names, 3 are needed")]
    [DataRow("activation_alpha", "0.2", "attribute 'activation_alpha' has 1 numbers, its activations take 0")]
    [DataRow("hidden_size", 5, "attribute 'hidden_size' and its weights 1x16x4 do not fit")]
    public void An_attribute_that_cannot_be_followed_is_refused(string name, object value, string expected)
    {
        OnnxModelBuilder model = new OnnxRecurrentCase("LSTM").File();
        object typed = name == "activations" ? ((string)value).Split(' ') : name == "activation_alpha" ? new[] { 0.2f } : value;
        Refused(model.WithAttribute(name, typed), "LSTM 'node1'", expected);
    }

    [TestMethod]
    [DataRow("LSTM", 4, "its sequences are of 5 steps; all must have 6")]
    [DataRow("LSTM", 5, "it begins with the state 'more', but a run begins with a state of 0, and a device keeps the state by itself: export it without an initial state")]
    [DataRow("LSTM", 6, "it begins with the cell state 'more', but a run begins with a state of 0")]
    [DataRow("LSTM", 7, "it has the peepholes 'more', but there are none here: train and export it without them")]
    [DataRow("GRU", 5, "it begins with the state 'more'")]
    [DataRow("RNN", 5, "it begins with the state 'more'")]
    public void An_input_that_cannot_be_followed_is_refused(string op, int index, string expected)
    {
        Refused(WithInput(new OnnxRecurrentCase(op).File(), index, isConstant: true), $"{op} 'node1'", expected);
        if (index > 4)
        {
            Refused(WithInput(new OnnxRecurrentCase(op).File(), index, isConstant: false), $"{op} 'node1'", expected);
        }
    }

    [TestMethod]
    public void Lengths_that_are_an_input_are_refused() =>
        Refused(WithInput(new OnnxRecurrentCase("GRU").File(), 4, isConstant: false), "GRU 'node1'", "its sequence lengths 'more' are computed or an input: export it for sequences of one length");

    [TestMethod]
    public void The_last_cell_state_is_refused_only_where_it_is_read()
    {
        OnnxRecurrentCase lstm = new("LSTM");
        Assert.HasCount(2, lstm.File().Import().Outputs);
        Refused(lstm.File().Output("c"), "LSTM 'node1'", "its last cell state 'c' is read; only the states are there: export the network without it");
    }

    [TestMethod]
    public void A_reset_before_the_weights_is_not_trained()
    {
        OnnxModelBuilder model = new OnnxRecurrentCase("GRU", ResetsBefore: true).File();
        model.Model.Graph.Output.RemoveAt(1);
        Graph graph = model.Import();
        PassPipeline.Run(graph);
        var e = Assert.ThrowsExactly<InputException>(() => new TrainableNetwork(graph, 1, 1));
        StringAssert.Contains(e.Message, "node1");
        StringAssert.Contains(e.Message, "resets its state before the state's weights (linear_before_reset 0; Keras: reset_after=False) and can't be trained; it can be converted without training");
    }

    [TestMethod]
    public void Weights_of_another_shape_are_refused()
    {
        OnnxModelBuilder model = new OnnxRecurrentCase("GRU").File().WithAttribute("direction", "bidirectional");
        var e = Assert.ThrowsExactly<InputException>(() => model.Import());
        StringAssert.Contains(e.Message, "GRU 'node1': it has weights of the shape 1x12x4; 2x12x4 is needed");
    }

    private static IEnumerable<OnnxRecurrentCase> Cases()
    {
        foreach (string op in new[] { "RNN", "GRU", "LSTM" })
        {
            foreach (string direction in new[] { "forward", "reverse", "bidirectional" })
            {
                var plain = new OnnxRecurrentCase(op, direction);
                yield return plain;
                yield return plain with { Batch = 2, HasBias = false };
                yield return plain with { Layout = 1, Batch = 2 };
                yield return plain with { Layout = 1, Zeros = true };
                yield return plain with { Batch = 2, Zeros = true };
            }
        }

        foreach (string direction in new[] { "forward", "bidirectional" })
        {
            var gru = new OnnxRecurrentCase("GRU", direction, ResetsBefore: true);
            yield return gru;
            yield return gru with { Batch = 2, HasBias = false };
            yield return gru with { Activations = $"{Hard} Tanh" };
            yield return gru with { Activations = $"{Hard} Affine", Alpha = [0.2f, 0.25f], Beta = [0.5f, 0], Clip = 4 };
            yield return new("GRU", direction, Activations: $"{Hard} Tanh", Alpha: [1 / 6f], HasBias: false);
            yield return new("GRU", direction, Activations: $"{Hard} Affine", Alpha: [1 / 6f, 0.25f], Beta: [0.4f, 0], Clip: 4);
            yield return new("LSTM", direction, Activations: $"{Hard} Tanh Tanh");
            yield return new("LSTM", direction, Activations: $"{Hard} Tanh Tanh", Alpha: [1 / 6f], Beta: [0.6f], HasBias: false);
            yield return new("RNN", direction, Activations: "Affine", Alpha: [1], Beta: [0], Clip: 1);
        }
    }

    private static void Refused(OnnxModelBuilder model, string node, string expected)
    {
        var e = Assert.ThrowsExactly<InputException>(() => model.Import());
        StringAssert.Contains(e.Message, node);
        StringAssert.Contains(e.Message, expected);
    }

    /// <summary>The file with input <paramref name="index"/> of its node: what changes the result.</summary>
    private static OnnxModelBuilder WithInput(OnnxModelBuilder model, int index, bool isConstant)
    {
        int[] shape = index == 4 ? [1] : index == 7 ? [1, 12] : [1, 1, 4];
        int type = index == 4 ? 6 : 1;
        if (!isConstant)
        {
            model.Input("more", shape, type);
        }
        else if (index == 4)
        {
            model.Ints("more", type, shape, 5);
        }
        else
        {
            model.Floats("more", shape, [.. Enumerable.Repeat(0.5f, shape[^1])]);
        }

        while (model.Model.Graph.Node[0].Input.Count < index)
        {
            model.Model.Graph.Node[0].Input.Add("");
        }

        model.Model.Graph.Node[0].Input.Add("more");
        return model;
    }

    private static Tensor Like(Tensor tensor, int seed)
    {
        var random = new Random(seed);
        return new Tensor(tensor.Shape, tensor.Floats.Select(_ => (4 * random.NextSingle()) - 2).ToArray());
    }

    private static sbyte[] Quantize(float[] data, TinyInference.Tensor input) =>
        Array.ConvertAll(data, x => (sbyte)Math.Clamp(Math.Round(x / BitConverter.Int32BitsToSingle(input.ScaleBits)) + input.ZeroPoint, -128, 127));
}
