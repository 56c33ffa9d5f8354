using TinyInference.Converter;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

[TestClass]
public class FloatExecutorTest
{
    [TestMethod]
    public void Quantized_values_are_rounded_to_their_grid()
    {
        var y = new Value("y", ElementType.Int8, new Shape(6)) { Quantization = new QuantizationParameters(0.5f, 10) };
        var x = new Tensor(new Shape(6), new[] { 0.24f, 0.25f, -0.25f, 0.76f, 1000, -1000 });

        Tensor result = OneNode.Execute(new Quantize(), y, false, x);

        CollectionAssert.AreEqual(new[] { 0, 0.5f, -0.5f, 1, 58.5f, -69 }, result.Floats);
    }

    [TestMethod]
    public void Not_a_number_has_no_integer()
    {
        var y = new Value("y", ElementType.Int8, new Shape(1)) { Quantization = new QuantizationParameters(0.5f, 10) };
        var e = Assert.ThrowsExactly<InputException>(() => OneNode.Execute(new Quantize(), y, false, new Tensor(new Shape(1), new[] { float.NaN })));
        StringAssert.Contains(e.Message, "'y'");
    }

    [TestMethod]
    public void Quantized_weights_stand_for_reals_per_channel()
    {
        var x = new Value("x", ElementType.Float32, new Shape(1, 2));
        var weights = new Value("w", new Tensor(new Shape(2, 2), new sbyte[] { 1, 2, 3, 4 })) { Quantization = new QuantizationParameters([0.5f, 2], [0, 0]) };
        var bias = new Value("b", new Tensor(new Shape(2), new[] { 10, 20 })) { Quantization = new QuantizationParameters([0.1f, 1], [0, 0]) };
        var graph = Graph(new FullyConnected(Clamp.None), new Shape(1, 2), x, weights, bias);

        Tensor y = new FloatExecutor(graph).Run(new Tensor(new Shape(1, 2), new[] { 1f, 10 }))[0];

        OneNode.AssertClose([1 + 0.5f + 10, 20 + 6 + 80], y);
    }

    [TestMethod]
    public void Inputs_and_results_are_observed_in_order()
    {
        var x = new Value("x", ElementType.Float32, new Shape(1));
        Graph graph = Graph(new Unary(UnaryFunction.Neg), new Shape(1), x);
        var seen = new List<string>();

        new FloatExecutor(graph).Run([Tensor.Scalar(3).Reshape(new Shape(1))], (value, tensor) => seen.Add($"{value.Name}={tensor.Floats[0]}"));

        CollectionAssert.AreEqual(new[] { "x=3", "y=-3" }, seen);
    }

    [TestMethod]
    public void Results_outlive_the_next_run_and_threads_do_not_disturb_each_other()
    {
        var x = new Value("x", ElementType.Float32, new Shape(100));
        Graph graph = Graph(new Unary(UnaryFunction.Square), new Shape(100), x);
        var middle = graph.Outputs[0];
        var last = new Value("z", ElementType.Float32, new Shape(100));
        graph.Nodes.Add(new Node("last", new Unary(UnaryFunction.Neg), [middle], [last]));
        graph.Outputs[0] = last;
        var executor = new FloatExecutor(graph);
        var results = new Tensor[200];

        Parallel.For(0, results.Length, i =>
        {
            var data = new float[100];
            Array.Fill(data, i);
            results[i] = executor.Run(new Tensor(new Shape(100), data))[0];
        });

        for (int i = 0; i < results.Length; i++)
        {
            Assert.IsTrue(results[i].Floats.All(v => v == -(float)i * i), $"run {i}");
        }
    }

    [TestMethod]
    public void A_wrong_input_is_named()
    {
        var executor = new FloatExecutor(Graph(new Identity(), new Shape(2), new Value("x", ElementType.Float32, new Shape(2))));
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => executor.Run(Tensor.Scalar(1))).Message, "'x'");
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => executor.Run()).Message, "1 inputs, 0");
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => executor.Run(new Tensor(new Shape(2), new int[2]))).Message, "Int32");
    }

    [TestMethod]
    public void A_stated_shape_that_is_not_computed_is_an_internal_error_that_names_the_node()
    {
        Graph graph = Graph(new Unary(UnaryFunction.Neg), new Shape(3), new Value("x", ElementType.Float32, new Shape(2)));
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => new FloatExecutor(graph));
        StringAssert.Contains(e.Message, "'node'");
    }

    [TestMethod]
    public void Activations_beyond_all_memory_are_refused()
    {
        Graph graph = Graph(new Identity(), new Shape(int.MaxValue), new Value("x", ElementType.Float32, new Shape(int.MaxValue)));
        Assert.ThrowsExactly<InputException>(() => new FloatExecutor(graph));
    }

    [TestMethod]
    public void Empty_tensors_take_no_memory_whatever_their_other_dimensions()
    {
        var empty = new Shape(0, int.MaxValue);
        Graph graph = Graph(new Transpose([1, 0]), new Shape(int.MaxValue, 0), new Value("x", ElementType.Float32, empty));
        Assert.HasCount(0, new FloatExecutor(graph).Run(new Tensor(empty, Array.Empty<float>()))[0].Floats);
    }

    [TestMethod]
    public void Windows_beyond_all_memory_are_refused()
    {
        var weights = new Value("w", new Tensor(new Shape(1, 1000, 1000, 1), new float[1_000_000]));
        var op = new TransposeConv2D(new Window(1000, 1000), 1, Clamp.None);
        Graph graph = Graph(op, new Shape(1, 2000, 2000, 1), new Value("x", ElementType.Float32, new Shape(1, 1001, 1001, 1)), weights);
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => new FloatExecutor(graph)).Message, "'node'");
    }

    private static Graph Graph(Operator op, Shape output, params Value[] inputs)
    {
        var graph = new Graph();
        var y = new Value("y", ElementType.Float32, output);
        graph.Inputs.Add(inputs[0]);
        graph.Nodes.Add(new Node("node", op, inputs, [y]));
        graph.Outputs.Add(y);
        return graph;
    }
}
