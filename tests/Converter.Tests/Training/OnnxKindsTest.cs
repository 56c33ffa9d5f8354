using TinyInference.Converter;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Export.Onnx;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx;
using TinyInference.Converter.Passes;
using TinyInference.Converter.Training;
using Tensor = TinyInference.Converter.Graphs.Tensor;

namespace Converter.Tests.Training;

/// <summary>Every kind of operator that is written as ONNX, read again by this tool and by ONNX Runtime.</summary>
[TestClass]
public class OnnxKindsTest
{
    public static IEnumerable<object[]> Kinds() => Graphs().Select(g => new object[] { g.Name });

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Read_again_it_gives_the_same(string name)
    {
        Graph graph = Graphs().Single(g => g.Name == name).Graph;
        using var file = new MemoryStream();
        OnnxExporter.Write(graph, file);
        Graph again = OnnxImporter.Import(file.ToArray(), "again.onnx", null);
        PassPipeline.Run(again);
        Tensor input = Input(graph);

        // Where no convolution asks for it, images stay as they are in the file.
        Tensor inputAgain = again.Inputs[0].Shape.Equals(graph.Inputs[0].Shape) ? input
            : new Tensor(again.Inputs[0].Shape, input.Type == ElementType.Float32 ? FromNhwc(input) : input.Data);
        Tensor output = new FloatExecutor(graph).Run(input)[0];
        float[] expected = again.Outputs[0].Shape.Equals(output.Shape) ? output.Floats : FromNhwc(output);
        float[] actual = new FloatExecutor(again).Run(inputAgain)[0].Floats;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-4f, $"output {i}");
        }
    }

    [TestMethod]
    public void Onnx_runtime_gives_the_same()
    {
        using var files = new Data.TemporaryFiles();
        (string Name, Graph Graph)[] graphs = [.. Graphs()];
        for (int i = 0; i < graphs.Length; i++)
        {
            using (FileStream stream = File.Create(Path.Combine(files.Folder, $"{i}.onnx")))
            {
                OnnxExporter.Write(graphs[i].Graph, stream);
            }

            Tensor input = Input(graphs[i].Graph);
            OnnxRuntime.WriteInput(files.Folder, i, new Shape(FileShape(input.Shape)), input.Type, FromNhwc(input));
        }

        Tensor[][] found = OnnxRuntime.Run(files.Folder, graphs.Length);
        for (int i = 0; i < graphs.Length; i++)
        {
            Tensor output = new FloatExecutor(graphs[i].Graph).Run(Input(graphs[i].Graph))[0];
            Assert.AreEqual(new Shape(FileShape(output.Shape)), found[i][0].Shape, graphs[i].Name);
            OnnxRuntime.AssertClose(FromNhwc(output), found[i][0].Floats, graphs[i].Name);
        }
    }

    [TestMethod]
    public void What_the_LSTM_of_ONNX_does_not_have_is_refused()
    {
        foreach ((Recurrent cell, string why) in new[]
        {
            (new Recurrent(RecurrentCellKind.Lstm, GateForm.Hard), "Lstm 'op' has a hard tanh of its cell state, which the ONNX operator does not have"),
            (new Recurrent(RecurrentCellKind.Lstm, CellClip: 3), "Lstm 'op' clamps its cell state, which the ONNX operator does not"),
        })
        {
            Graph graph = Single(new Shape(1, 7, 3), new Shape(1, 7, 5), cell, [20, 3], [20, 5]);
            var e = Assert.ThrowsExactly<InputException>(() => OnnxExporter.Write(graph, new MemoryStream()));
            StringAssert.Contains(e.Message, why);
        }
    }

    private static IEnumerable<(string Name, Graph Graph)> Graphs()
    {
        foreach (string network in new[] { "lenet5", "dscnn:width=8,blocks=1", "resnet8:width=4", "mobilenetv2:alpha=0.1" })
        {
            yield return (network, NamedNetworks.Create(network, new Shape(28, 28, 1), 4, 3));
        }

        yield return ("autoencoder", NamedNetworks.Create("autoencoder:8-4-2", new Shape(8), 0, 3));
        Shape image = new(1, 5, 4, 3);
        yield return ("transposed convolution", Single(image, new Shape(1, 10, 9, 2), new TransposeConv2D(new Window(3, 2, 2, 2, PadTop: 1), 1, Clamp.None), [2, 3, 2, 3], [2]));
        yield return ("PRelu", Single(image, image, new PRelu(), [3]));
        yield return ("PRelu of vectors", Single(new Shape(1, 6), new Shape(1, 6), new PRelu(), [6]));
        yield return ("layer norm", Single(image, image, new LayerNorm(1e-5f, Clamp.None), [3], [3]));
        yield return ("layer norm of vectors", Single(new Shape(1, 6), new Shape(1, 6), new LayerNorm(1e-3f, Clamp.None), [6], [6]));
        foreach (PadMode mode in new[] { PadMode.Constant, PadMode.Reflect, PadMode.Edge })
        {
            yield return ($"pad {mode}", Single(image, new Shape(1, 8, 6, 3), new Pad([0, 1, 2, 0], [0, 2, 0, 0], mode, 0.5f)));
        }

        yield return ("slice", Single(image, new Shape(1, 3, 2, 2), new Slice([0, 4, 1, 0], [1, -2, 2, 1])));
        yield return ("transpose", Single(image, new Shape(1, 3, 5, 4), new Transpose([0, 3, 1, 2])));
        yield return ("transpose of rank 3", Single(new Shape(1, 5, 4), new Shape(1, 4, 5), new Transpose([0, 2, 1])));
        yield return ("resize nearest", Single(image, new Shape(1, 10, 8, 3), new Resize(ResizeFunction.Nearest, ResizeCoordinates.Asymmetric, NearestRounding.Floor)));
        yield return ("resize bilinear", Single(image, new Shape(1, 10, 7, 3), new Resize(ResizeFunction.Bilinear, ResizeCoordinates.HalfPixel, NearestRounding.RoundPreferFloor)));
        yield return ("embedding", Embedding());
        foreach (RecurrentCellKind kind in Enum.GetValues<RecurrentCellKind>())
        {
            foreach (GateForm form in Enum.GetValues<GateForm>().Where(f => f != GateForm.Hard || kind != RecurrentCellKind.Lstm))
            {
                var cell = new Recurrent(kind, form);
                int width = 5 * cell.Gates;
                yield return ($"{kind}, {form}", Single(new Shape(1, 7, 3), new Shape(1, 7, 5), cell, [width, 3], [width, 5], [width], [width]));
                yield return ($"{kind}, {form}, without biases", Single(new Shape(1, 7, 3), new Shape(1, 7, 5), cell, [width, 3], [width, 5]));
                yield return ($"{kind}, {form}, of sequences side by side", Single(new Shape(7, 2, 3), new Shape(7, 2, 5), cell with { TimeMajor = true }, [width, 3], [width, 5]));
                if (kind == RecurrentCellKind.Gru)
                {
                    yield return ($"{kind}, {form}, reset before", Single(new Shape(1, 7, 3), new Shape(1, 7, 5), cell with { ResetsBefore = true }, [width, 3], [width, 5], [width], [width]));
                }
            }

            yield return ($"last state of {kind}", NamedNetworks.Create($"{kind switch { RecurrentCellKind.SimpleRnn => "rnn", RecurrentCellKind.Gru => "gru", _ => "lstm" }}:units=6", new Shape(5, 4, 1), 3, 3));
        }

        foreach (UnaryFunction function in new[] { UnaryFunction.Relu, UnaryFunction.Relu6, UnaryFunction.HardSwish, UnaryFunction.Sigmoid, UnaryFunction.Tanh, UnaryFunction.Softplus, UnaryFunction.Exp, UnaryFunction.Square, UnaryFunction.Abs })
        {
            yield return ($"{function}", Single(image, image, new Unary(function)));
        }

        yield return ("average pool", Single(image, new Shape(1, 3, 2, 3), new Pool2D(PoolFunction.Average, new Window(3, 3, 2, 2, 1, 1, 1, 1, 1), false, Clamp.None)));
    }

    private static Graph Single(Shape x, Shape y, Operator op, params int[][] constants)
    {
        var graph = new Graph { Name = "single" };
        var input = new Value("x", ElementType.Float32, x);
        var output = new Value("y", ElementType.Float32, y);
        graph.Inputs.Add(input);
        graph.Outputs.Add(output);
        graph.Nodes.Add(new Node("op", op, [input, .. constants.Select((c, i) => new Value($"w{i}", Random(new Shape(c), i + 7)))], [output]));
        return graph;
    }

    private static Graph Embedding()
    {
        var graph = new Graph { Name = "single" };
        var input = new Value("x", ElementType.Int32, new Shape(1, 4));
        var output = new Value("y", ElementType.Float32, new Shape(1, 4, 3));
        graph.Inputs.Add(input);
        graph.Outputs.Add(output);
        graph.Nodes.Add(new Node("op", new Gather(0), [new Value("table", Random(new Shape(6, 3), 7)), input], [output]));
        return graph;
    }

    private static Tensor Input(Graph graph)
    {
        Value input = graph.Inputs[0];
        return input.Type == ElementType.Int32 ? new Tensor(input.Shape, new[] { 5, 0, 3, 2 }) : Random(input.Shape, 1);
    }

    private static Tensor Random(Shape shape, int seed)
    {
        var random = new Random(seed);
        return new Tensor(shape, Enumerable.Range(0, shape.ElementCount).Select(_ => (float)((2 * random.NextDouble()) - 1)).ToArray());
    }

    /// <summary>Images are NCHW in the file.</summary>
    private static int[] FileShape(Shape shape) => shape.Rank == 4 ? [shape[0], shape[3], shape[1], shape[2]] : [.. shape];

    private static float[] FromNhwc(Tensor tensor)
    {
        float[] data = tensor.ToFloats();
        if (tensor.Shape.Rank != 4)
        {
            return data;
        }

        int channels = tensor.Shape[3];
        int places = data.Length / channels;
        return [.. Enumerable.Range(0, data.Length).Select(i => data[(i % places * channels) + (i / places)])];
    }
}
