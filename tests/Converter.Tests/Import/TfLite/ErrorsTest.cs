using TinyInference.Converter;
using TinyInference.Converter.Import.TfLite;
using static TinyInference.Converter.Import.TfLite.BuiltinOperator;

namespace Converter.Tests.Import.TfLite;

/// <summary>What is wrong with a file is said, with the place.</summary>
[TestClass]
public class ErrorsTest
{
    [TestMethod]
    public void All_that_is_not_supported_is_named_at_once()
    {
        TestModel model = TestModel.Single(CONCATENATION, [2], [2], new() { [1] = (byte)1 }, OptionsTable.Concatenation);
        int a = model.Tensor("a", [2]);
        model.Operator(SVDF, [0], [a]);
        int b = model.Tensor("b", [2]);
        model.Operator(CUSTOM, [a], [b], custom: "MyOperator");
        int c = model.Tensor("c", [2], TensorType.STRING);
        model.Operator(ABS, [b], [c]);
        model.Operator((BuiltinOperator)4711, [c], [model.Tensor("d", [2])]);
        string message = Message(model);
        StringAssert.StartsWith(message, "test.tflite: 4 operators are not supported");
        StringAssert.Contains(message, "SVDF (operator 1, output tensor 'a')");
        StringAssert.Contains(message, "CUSTOM 'MyOperator' (operator 2, output tensor 'b')");
        StringAssert.Contains(message, "ABS (operator 3, output tensor 'c'): tensor 'c' is STRING");
        StringAssert.Contains(message, "builtin operator 4711 (operator 4, output tensor 'd')");
    }

    [TestMethod]
    public void Options_that_are_not_supported_are_named_at_once()
    {
        TestModel model = TestModel.Single(CONCATENATION, [2], [2], new() { [1] = (byte)1 }, OptionsTable.Concatenation);
        int y = model.Tensor("z", [2]);
        model.Operator(GATHER, [1, model.Ints("indices", 0, 1)], [y], OptionsTable.Gather, new() { [1] = 1 });
        string message = Message(model);
        StringAssert.Contains(message, "CONCATENATION (operator 0, output tensor 'y'): an activation is fused into it");
        StringAssert.Contains(message, "GATHER (operator 1, output tensor 'z'): it has 1 batch dimensions");
    }

    [TestMethod]
    public void Control_flow_is_named()
    {
        TestModel model = TestModel.Single(WHILE, [2], [2]);
        StringAssert.Contains(Message(model), "WHILE (operator 0, output tensor 'y')");
    }

    [TestMethod]
    public void State_and_sparse_weights_are_refused()
    {
        TestModel state = TestModel.Single(RELU, [2], [2]);
        state.Tensors[1][5] = (byte)1;
        StringAssert.Contains(Message(state), "keeps state");
        TestModel sparse = TestModel.Single(ADD, [2], [2], [], OptionsTable.Add, static m => [m.Floats("w", [2])]);
        sparse.Tensors[1][6] = new FlatTableData();
        StringAssert.Contains(Message(sparse), "tensor 'w' is sparse");
    }

    [TestMethod]
    public void Weights_that_are_not_numbers_are_named()
    {
        TestModel model = TestModel.Single(ADD, [2], [2], [], OptionsTable.Add, static m => [m.Constant("w", [2], [1, float.NaN], TensorType.FLOAT32)]);
        StringAssert.Contains(Message(model), "element 1 of constant tensor 'w' is NaN");
    }

    [TestMethod]
    public void Stated_shapes_must_be_the_computed_ones() =>
        StringAssert.Contains(Message(TestModel.Single(RELU, [2, 3], [3, 2])), "gives the shape 2x3, but the file states 3x2 for 'y'");

    [TestMethod]
    public void Shapes_left_open_follow_from_the_input()
    {
        TestModel model = TestModel.Single(RELU, [2, 3], [1, 3]);
        model.Tensors[1][7] = new[] { -1, 3 };
        Assert.AreEqual("2x3", model.Import().Outputs[0].Shape.ToString());
    }

    [TestMethod]
    public void An_input_without_a_size_is_refused()
    {
        TestModel model = TestModel.Single(RELU, [1, 1, 3], [1, 1, 3]);
        model.Tensors[0][7] = new[] { -1, -1, 3 };
        StringAssert.Contains(Message(model), "dimension 1 of input tensor 'x' is not known");
    }

    [TestMethod]
    public void Data_must_fill_the_shape()
    {
        TestModel model = TestModel.Single(ADD, [2], [2], [], OptionsTable.Add, static m => [m.Floats("w", [2])]);
        model.Tensors[1][0] = new[] { 3 };
        StringAssert.Contains(Message(model), "of shape 3 and type FLOAT32 needs 12 bytes, its buffer has 8");
    }

    [TestMethod]
    public void Data_may_follow_the_flatbuffer()
    {
        TestModel model = TestModel.Single(ADD, [2], [2], [], OptionsTable.Add, static m => [m.Floats("w", [2])]);
        int end = model.ToBytes().Length + 64;
        model.Buffers[1] = new FlatTableData { [1] = (ulong)end, [2] = 8UL };
        byte[] bytes = [.. model.ToBytes(), .. new byte[1000]];
        BitConverter.GetBytes(5f).CopyTo(bytes, end);
        CollectionAssert.AreEqual(new[] { 5f, 0f }, TfLiteImporter.Import(bytes, "x").Nodes[0].Input(1).Constant!.Floats);
        Assert.ThrowsExactly<InputException>(() => TfLiteImporter.Import(bytes[..end], "x"));
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(-1f)]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void Scales_are_finite_and_above_0(float scale)
    {
        TestModel model = TestModel.Single(RELU, [2], [2]);
        model.Tensors[0][1] = (byte)TensorType.INT8;
        model.Tensors[0][4] = new FlatTableData { [2] = new[] { scale } };
        StringAssert.Contains(Message(model), $"tensor 'x' has the scale {scale}");
    }

    [TestMethod]
    public void Int8_needs_a_scale()
    {
        TestModel model = TestModel.Single(RELU, [2], [2]);
        model.Tensors[0][1] = (byte)TensorType.INT8;
        StringAssert.Contains(Message(model), "tensor 'x' is INT8 but has no scale");
    }

    [TestMethod]
    public void Order_of_operators_is_checked()
    {
        TestModel model = TestModel.Single(RELU, [2], [2]);
        model.Operators[0][1] = new[] { 1 };
        StringAssert.Contains(Message(model), "reads tensor 'y' before anything has made it");
        TestModel twice = TestModel.Single(RELU, [2], [2]);
        twice.Operator(ABS, [0], [1]);
        StringAssert.Contains(Message(twice), "writes to tensor 'y', which is there already");
    }

    [TestMethod]
    public void Weights_must_fit_the_input()
    {
        TestModel model = TestModel.Single(CONV_2D, [1, 4, 4, 3], [1, 4, 4, 2], new() { [1] = 1, [2] = 1 }, OptionsTable.Conv2D, static m => [m.Floats("w", [2, 1, 1, 2])]);
        StringAssert.Contains(Message(model), "has the weights 2x1x1x2 for the input 1x4x4x3");
    }

    [TestMethod]
    public void Options_of_another_operator_are_refused()
    {
        TestModel model = TestModel.Single(SOFTMAX, [2], [2], new() { [0] = 1f }, OptionsTable.Pool2D);
        StringAssert.Contains(Message(model), "options of another operator");
    }

    [TestMethod]
    public void Other_schema_versions_are_refused()
    {
        TestModel model = TestModel.Single(RELU, [2], [2]);
        model.Version = 2;
        StringAssert.Contains(Message(model), "schema version 2");
    }

    /// <summary>100,000 operators that all are one table with 100,000 inputs: little in the file, much in memory.</summary>
    [TestMethod]
    public void Data_used_over_and_over_does_not_fill_the_memory()
    {
        TestModel model = TestModel.Single(RELU, [2], [2]);
        model.Operators[0][1] = new int[100_000];
        model.Operators.AddRange(Enumerable.Repeat(model.Operators[0], 100_000));
        StringAssert.Contains(Message(model), "far too often");
    }

    private static string Message(TestModel model) => Assert.ThrowsExactly<InputException>(() => model.Import()).Message;
}
