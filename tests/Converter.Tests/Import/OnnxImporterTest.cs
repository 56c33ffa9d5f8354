using TinyInference.Converter.Execution;
using TinyInference.Converter.Import;
using TinyInference.Converter.Import.Onnx;
using TinyInference.Converter.Import.Onnx.Schema;

namespace TinyInference.Converter.Tests.Import;

using TinyInference.Converter.Graphs;

[TestClass]
public class OnnxImporterTest
{
    [TestMethod]
    [DataRow("kws_fp32.onnx", "1x1x49x10", "1x12", 4, 5)]
    [DataRow("ic_fp32.onnx", "1x3x32x32", "1x10", 0, 9)]
    [DataRow("ad_fp32.onnx", "1x640", "1x640", 0, 0)]
    public void Reference_models_import(string file, string input, string output, int depthwise, int convolutions)
    {
        Graph graph = ModelImporter.Load(SharedFiles.Path("models/mlperf-tiny/" + file));

        Assert.AreEqual(input, graph.Inputs.Single().Shape.ToString());
        Assert.AreEqual(output, graph.Outputs.Single().Shape.ToString());
        Assert.AreEqual(depthwise, graph.Nodes.Count(n => n.Operator is DepthwiseConv2D));
        Assert.AreEqual(convolutions, graph.Nodes.Count(n => n.Operator is Conv2D));
    }

    [TestMethod]
    public void Models_are_recognised_by_their_content()
    {
        byte[] file = File.ReadAllBytes(SharedFiles.Path("models/mlperf-tiny/kws_fp32.onnx"));
        Assert.IsTrue(OnnxImporter.Recognises(file));
        Assert.IsFalse(OnnxImporter.Recognises(File.ReadAllBytes(SharedFiles.Path("models/mlperf-tiny/kws_ref_model.tflite"))));
    }

    [TestMethod]
    public void All_unsupported_operators_are_named_at_once()
    {
        var model = new OnnxModelBuilder().Input("x", [1, 4]).Output("y")
            .Node("Einsum", "x", "a").Node("Relu", "a", "b").Node("MatMulInteger", "b b", "c").Node("my.domain/Mystery", "c", "y");

        string message = Assert.ThrowsExactly<InputException>(() => model.Import()).Message;

        StringAssert.Contains(message, "test.onnx");
        StringAssert.Contains(message, "3 operators are not supported");
        StringAssert.Contains(message, "Einsum 'node1'");
        StringAssert.Contains(message, "MatMulInteger 'node3'");
        StringAssert.Contains(message, "my.domain.Mystery 'node4'");
    }

    [TestMethod]
    public void Nodes_that_no_output_needs_do_not_matter()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [1, 4]).Output("y").Node("Einsum", "x", "a").Node("Relu", "x", "y").Import();
        Assert.AreEqual("Relu", graph.Nodes.Single().Operator.Kind);
    }

    [TestMethod]
    public void Only_the_batch_may_vary()
    {
        Assert.AreEqual("1x4", new OnnxModelBuilder().Input("x", [0, 4]).Output("y").Node("Relu", "x", "y").Import().Inputs[0].Shape.ToString());
        Fails(new OnnxModelBuilder().Input("x", [1, 0]).Output("y").Node("Relu", "x", "y"), "dimension 1 of input 'x' is 'n'");
    }

    [TestMethod]
    public void Faults_are_told_with_their_place()
    {
        OnnxModelBuilder One() => new OnnxModelBuilder().Input("x", [1, 2, 4, 4]).Output("y");
        Fails(One().Floats("w", [4, 3, 1, 1], new float[12]).Node("Conv", "x w", "y"), "Conv 'node1': weights 4x3x1x1 in 1 groups do not fit the input 1x2x4x4");
        Fails(One().Floats("w", [1, 2, 1, 1], float.NaN, 0).Node("Conv", "x w", "y"), "tensor 'w' has the value NaN");
        Fails(One().Floats("w", [1, 2, 1, 1], 1).Node("Conv", "x w", "y"), "tensor 'w' should have 2 elements and has 1");
        Fails(One().Node("Conv", "x", "y"), "input 1 is missing");
        Fails(One().Node("Add", "x nothing", "y"), "its input 'nothing' is not in the file");
        Fails(One().Node("Add", "x z", "y").Node("Relu", "y", "z"), "the graph has a cycle");
        Fails(One().Node("Relu", "x", "y").Node("Abs", "x", "y"), "the name 'y' stands for two tensors");
        Fails(One().Node("Relu", "x", "z"), "output 'y' is not computed");
        Fails(One().Longs("s", [2], 100_000, 100_000).Node("ConstantOfShape", "s", "y"), "too large");
        Fails(One().Node("MaxPool", "x", "y", ("kernel_shape", new[] { 9, 9 })), "its kernel reaches over 9 elements");
        Fails(One().Longs("s", [2], 3, 3).Node("Reshape", "x s", "y"), "cannot have the shape 3x3");
        Fails(new OnnxModelBuilder(8).Input("x", [1]).Output("y").Node("Relu", "x", "y"), "opset 8");
    }

    [TestMethod]
    public void Initialisers_that_are_inputs_too_are_constants()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [1, 2]).Input("w", [2, 3]).Output("y").Floats("w", [2, 3], 1, 2, 3, 4, 5, 6).Node("MatMul", "x w", "y").Import();

        Assert.AreEqual("x", graph.Inputs.Single().Name);
        var product = (FullyConnected)graph.Nodes.Single().Operator;
        Assert.IsTrue(product.Clamp.IsNone);
        CollectionAssert.AreEqual(new float[] { 1, 4, 2, 5, 3, 6 }, graph.Nodes[0].Input(1).Constant!.Floats);
    }

    [TestMethod]
    public void Shape_arithmetic_is_computed_on_import()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [0, 2, 3]).Output("y").Longs("zero", [], 0).Longs("axis", [1], 0).Longs("rest", [1], -1)
            .Node("Shape", "x", "s").Node("Gather", "s zero", "n").Node("Unsqueeze", "n axis", "n1")
            .Node("Concat", "n1 rest", "t", ("axis", 0)).Node("Reshape", "x t", "y").Import();

        Assert.AreEqual("Reshape", graph.Nodes.Single().Operator.Kind);
        Assert.AreEqual("1x6", graph.Outputs[0].Shape.ToString());
    }

    [TestMethod]
    public void Depthwise_weights_keep_their_scales_at_the_channels()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [1, 2, 4, 4]).Output("y")
            .Ints("w", 3, [2, 1, 1, 2], 1, 2, 3, 4).Floats("s", [2], 0.5f, 0.25f).Ints("z", 3, [2], 0, 0)
            .Node("DequantizeLinear", "w s z", "d", ("axis", 0)).Node("Conv", "x d", "y", ("group", 2)).Import();

        Value weights = graph.Nodes.Single(n => n.Operator is DepthwiseConv2D).Input(1);
        Assert.AreEqual("1x1x2x2", weights.Shape.ToString());
        CollectionAssert.AreEqual(new sbyte[] { 1, 3, 2, 4 }, weights.Constant!.Int8s);
        Assert.AreEqual(new QuantizationParameters([0.5f, 0.25f], [0, 0], 3), weights.Quantization);
    }

    [TestMethod]
    public void Unsigned_activations_become_int8()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [1, 2]).Output("y").Floats("s", [], 0.5f).Ints("z", 2, [], 130)
            .Node("QuantizeLinear", "x s z", "q").Node("DequantizeLinear", "q s z", "y").Import();

        Value quantized = graph.Nodes[0].Output;
        Assert.AreEqual(ElementType.Int8, quantized.Type);
        Assert.AreEqual(new QuantizationParameters(0.5f, 2), quantized.Quantization);
        Assert.IsInstanceOfType<Dequantize>(graph.Nodes[1].Operator);
    }

    [TestMethod]
    public void Weights_with_a_zero_point_become_symmetric_and_a_warning_says_so()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [1, 2]).Output("y").Ints("w", 2, [2, 1], 0, 255).Floats("s", [], 0.5f).Ints("z", 2, [], 100)
            .Node("DequantizeLinear", "w s z", "d").Node("MatMul", "x d", "y").Import();

        Value weights = graph.Nodes.Single().Input(1);
        Assert.AreEqual(77.5f / 127, weights.Quantization!.Scale, 1e-6f);
        CollectionAssert.AreEqual(new sbyte[] { -82, 127 }, weights.Constant!.Int8s);
        StringAssert.Contains(graph.Metadata["import.warnings"], "MatMul 'node2'");
    }

    [TestMethod]
    public void Quantized_convolution_computes_what_its_integers_stand_for()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [1, 1, 1, 3], type: 2).Output("y")
            .Floats("xs", [], 0.5f).Ints("xz", 2, [], 128).Ints("w", 3, [1, 1, 1, 2], 2, -1).Floats("ws", [1], 0.25f).Ints("wz", 3, [1], 0)
            .Floats("ys", [], 0.125f).Ints("yz", 2, [], 100).Ints("b", 6, [1], 8)
            .Node("QLinearConv", "x xs xz w ws wz ys yz b", "y").Import();

        Assert.AreEqual(ElementType.Int8, graph.Inputs[0].Type);
        var x = new Tensor(graph.Inputs[0].Shape, new[] { 1f, 2, 3 });
        // x * 0.5 - next * 0.25 + 8 * 0.125.
        CollectionAssert.AreEqual(new[] { 1f, 1.25f }, new FloatExecutor(graph).Run(x)[0].Floats);
    }

    [TestMethod]
    public void External_data_is_read_from_the_models_folder_only()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string inner = Directory.CreateDirectory(Path.Combine(folder, "model")).FullName;
            byte[] data = new byte[12];
            BitConverter.TryWriteBytes(data.AsSpan(4), 2f);
            BitConverter.TryWriteBytes(data.AsSpan(8), 3f);
            File.WriteAllBytes(Path.Combine(inner, "weights.bin"), data);
            File.WriteAllBytes(Path.Combine(folder, "outside.bin"), data);

            Graph graph = External("weights.bin", "4", "8").Import(inner);
            CollectionAssert.AreEqual(new[] { 2f, 3f }, graph.Nodes.Single().Input(1).Constant!.Floats);

            Fails(External("../outside.bin", "0", "8"), "not inside the model's folder", inner);
            Fails(External(Path.Combine(folder, "outside.bin"), "0", "8"), "not inside the model's folder", inner);
            Fails(External("weights.bin", "8", "8"), "'weights.bin' has 12 bytes; tensor 'w' needs 8 from byte 8", inner);
            Fails(External("weights.bin", "-1", "8"), "its offset says '-1'", inner);
            Fails(External("weights.bin", "0", "12"), "its length says '12'", inner);
            Fails(External("absent.bin", "0", "8"), "cannot read 'absent.bin'", inner);
            Fails(External("weights.bin", "0", "8"), "is in a file that is not known");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Against the definition, with the layouts of the file.</summary>
    [TestMethod]
    [DataRow(1, 4, 6)]
    [DataRow(2, 4, 6)]
    [DataRow(4, 4, 8)]
    public void Convolution_along_one_dimension(int groups, int channels, int outputs)
    {
        const int Length = 7;
        const int Kernel = 3;
        var random = new Random(5);
        int inner = channels / groups;
        float[] x = Numbers(random, channels * Length);
        float[] w = Numbers(random, outputs * inner * Kernel);
        Graph graph = new OnnxModelBuilder().Input("x", [1, channels, Length]).Output("y").Floats("w", [outputs, inner, Kernel], w)
            .Node("Conv", "x w", "y", ("group", groups), ("strides", new[] { 2 }), ("pads", new[] { 1, 0 })).Import();

        Tensor y = new FloatExecutor(graph).Run(new Tensor(graph.Inputs[0].Shape, x))[0];

        Assert.AreEqual($"1x{outputs}x3", y.Shape.ToString());
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < 3; i++)
            {
                float sum = 0;
                for (int c = 0; c < inner; c++)
                {
                    for (int k = Math.Max(0, 1 - (2 * i)); k < Kernel; k++)
                    {
                        sum += x[(((o / (outputs / groups) * inner) + c) * Length) + (2 * i) - 1 + k] * w[(((o * inner) + c) * Kernel) + k];
                    }
                }

                Assert.AreEqual(sum, y.Floats[(o * 3) + i], 1e-5f);
            }
        }
    }

    /// <summary>PyTorch's pixel shuffle and its reverse.</summary>
    [TestMethod]
    public void Depth_to_space_and_back()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [1, 8, 2, 3]).Output("y")
            .Node("DepthToSpace", "x", "a", ("blocksize", 2)).Node("SpaceToDepth", "a", "y", ("blocksize", 2)).Import();
        float[] x = Numbers(new Random(3), 48);
        CollectionAssert.AreEqual(x, new FloatExecutor(graph).Run(new Tensor(graph.Inputs[0].Shape, x))[0].Floats);
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];

    private static OnnxModelBuilder External(string location, string offset, string length) => new OnnxModelBuilder().Input("x", [1, 2]).Output("y")
        .Initializer("w", [2], 1, t =>
        {
            t.DataLocation = 1;
            t.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
            t.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset });
            t.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length });
        })
        .Node("Add", "x w", "y");

    private static void Fails(OnnxModelBuilder model, string message, string? folder = null) =>
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => model.Import(folder)).Message, message);
}
