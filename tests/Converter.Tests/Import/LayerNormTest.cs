using TinyInference.Converter.Execution;
using TinyInference.Converter.Import.TfLite;
using TinyInference.Converter.Passes;
using Converter.Tests.Import.TfLite;
using static TinyInference.Converter.Import.TfLite.BuiltinOperator;

namespace TinyInference.Converter.Tests.Import;

using TinyInference.Converter.Graphs;
using TfLiteType = TinyInference.Converter.Import.TfLite.TensorType;

[TestClass]
public class LayerNormTest
{
    [TestMethod]
    public void Several_dimensions_are_normalized_together_and_a_bias_may_be_missing()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [1, 2, 2]).Output("y").Floats("s", [2, 2], 1, 1, 2, 2).Node("LayerNormalization", "x s", "y", ("axis", -2), ("epsilon", 0f)).Import();
        PassPipeline.Run(graph);

        float[] y = new FloatExecutor(graph).Run(new Tensor(graph.Inputs[0].Shape, new float[] { 1, 3, 5, 7 }))[0].Floats;

        // Mean 4, deviation sqrt(5).
        float[] expected = [-1.3416408f, -0.4472136f, 0.8944272f, 2.6832816f];
        for (int i = 0; i < 4; i++)
        {
            Assert.AreEqual(expected[i], y[i], 1e-5f);
        }
    }

    [TestMethod]
    public void Parameters_of_another_size_are_refused()
    {
        var model = new OnnxModelBuilder().Input("x", [1, 4]).Output("y").Floats("s", [3], 1, 1, 2).Node("LayerNormalization", "x s", "y");
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => model.Import()).Message, "4 floats are needed");
    }

    /// <summary>As PyTorch wrote it before opset 17, and as it is written for the channels of images.</summary>
    [TestMethod]
    public void Onnx_in_single_steps_is_one_operator()
    {
        Graph rows = Steps(new OnnxModelBuilder(13).Input("x", [1, 3, 4]).Output("y"), "x", -1, [4]).Import();
        Graph channels = Steps(
            new OnnxModelBuilder(13).Input("image", [1, 2, 5, 5]).Output("y").Floats("w", [4, 2, 1, 1], 1, -1, 2, 0, 0, 1, 3, 1).Node("Conv", "image w", "x"), "x", 1, [4, 1, 1]).Import();

        PassPipeline.Run(rows);
        PassPipeline.Run(channels);

        Assert.AreEqual("LayerNorm", string.Join(' ', rows.Nodes.Select(n => n.Operator.Kind)));
        Assert.AreEqual("Conv2D LayerNorm", string.Join(' ', channels.Nodes.Select(n => n.Operator.Kind)));
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, rows.Nodes[0].Input(1).Constant!.Floats);

        static OnnxModelBuilder Steps(OnnxModelBuilder model, string x, int axis, int[] shape) => model
            .Floats("two", [], 2).Floats("epsilon", [], 1e-5f).Floats("scale", shape, 1, 2, 3, 4).Floats("bias", shape, 1, 0, 1, 0)
            .Node("ReduceMean", x, "mean", ("axes", new[] { axis })).Node("Sub", $"{x} mean", "d")
            .Node("Pow", "d two", "squares").Node("ReduceMean", "squares", "variance", ("axes", new[] { axis }))
            .Node("Add", "variance epsilon", "sum").Node("Sqrt", "sum", "deviation").Node("Div", "d deviation", "normalized")
            .Node("Mul", "normalized scale", "scaled").Node("Add", "scaled bias", "y");
    }

    /// <summary>As TensorFlow Lite's converter writes it.</summary>
    [TestMethod]
    public void Tensor_flow_lite_in_single_steps_is_one_operator()
    {
        var model = new TestModel();
        int x = model.Input("x", [1, 3, 8]);
        int axes = model.Ints("axes", 2);
        int[] one = [1, 3, 1];
        int[] all = [1, 3, 8];
        var keep = new FlatTableData { [0] = (byte)1 };
        int mean = Step(MEAN, "mean", one, [x, axes], OptionsTable.Reducer, keep);
        int squares = Step(SQUARED_DIFFERENCE, "squares", all, [x, mean]);
        int variance = Step(MEAN, "variance", one, [squares, axes], OptionsTable.Reducer, keep);
        int sum = Step(ADD, "sum", one, [variance, model.Constant("epsilon", [], [1e-3f], TfLiteType.FLOAT32)]);
        int k = Step(MUL, "k", all, [Step(RSQRT, "inverse", one, [sum]), model.Floats("scale", [8])]);
        int offset = Step(SUB, "offset", all, [model.Floats("bias", [8]), Step(MUL, "mean_k", all, [mean, k])]);
        model.Operator(ADD, [Step(MUL, "scaled", all, [x, k]), offset], [model.Output("y", all)]);
        Graph graph = model.Import();

        PassPipeline.Run(graph);

        Assert.AreEqual("LayerNorm", string.Join(' ', graph.Nodes.Select(n => n.Operator.Kind)));

        int Step(BuiltinOperator builtin, string name, int[] shape, int[] inputs, OptionsTable table = OptionsTable.None, FlatTableData? options = null)
        {
            int y = model.Tensor(name, shape);
            model.Operator(builtin, inputs, [y], table, options);
            return y;
        }
    }
}
