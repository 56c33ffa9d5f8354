using TinyInference.Converter.Import.TfLite;
using static TinyInference.Converter.Import.TfLite.BuiltinOperator;

namespace Converter.Tests.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>Every operator that the importer knows, in a network of its own.</summary>
[TestClass]
public class OperatorsTest
{
    [TestMethod]
    public void Same_padding_puts_the_odd_element_after()
    {
        Node node = Only(TestModel.Single(CONV_2D, [1, 7, 8, 2], [1, 4, 4, 3], new() { [0] = (byte)0, [1] = 2, [2] = 2, [3] = (byte)3 }, OptionsTable.Conv2D,
            m => [m.Floats("w", [3, 3, 3, 2]), m.Floats("b", [3])]));
        Assert.AreEqual(new Conv2D(new Window(3, 3, 2, 2, 1, 1, 1, 1, 0, 1), 1, Clamp.Relu6), node.Operator);
        Assert.HasCount(3, node.Inputs);
    }

    [TestMethod]
    public void Conv_with_fewer_input_channels_has_groups()
    {
        Node node = Only(TestModel.Single(CONV_2D, [1, 5, 5, 4], [1, 1, 3, 6], new() { [0] = (byte)1, [1] = 1, [2] = 1, [4] = 1, [5] = 2 }, OptionsTable.Conv2D,
            m => [m.Floats("w", [6, 3, 3, 2]), -1]));
        Assert.AreEqual(new Conv2D(new Window(3, 3, 1, 1, 2, 1), 2, Clamp.None), node.Operator);
        Assert.IsNull(node.OptionalInput(2));
    }

    [TestMethod]
    public void Depthwise_conv_takes_its_multiplier_from_the_shapes()
    {
        Node node = Only(TestModel.Single(DEPTHWISE_CONV_2D, [1, 5, 5, 2], [1, 5, 5, 4], new() { [0] = (byte)0, [1] = 1, [2] = 1, [4] = (byte)1 }, OptionsTable.DepthwiseConv2D,
            m => [m.Floats("w", [1, 3, 3, 4]), m.Floats("b", [4])]));
        Assert.AreEqual(new DepthwiseConv2D(new Window(3, 3, PadTop: 1, PadBottom: 1, PadLeft: 1, PadRight: 1), Clamp.Relu), node.Operator);
    }

    [TestMethod]
    public void Transpose_conv_pads_as_the_conv_it_reverses()
    {
        var model = new TestModel();
        int size = model.Ints("size", 1, 8, 8, 3);
        int weights = model.Floats("w", [3, 3, 3, 2]);
        int x = model.Input("x", [1, 4, 4, 2]);
        model.Operator(TRANSPOSE_CONV, [size, weights, x], [model.Output("y", [1, 8, 8, 3])], OptionsTable.TransposeConv, new() { [0] = (byte)0, [1] = 2, [2] = 2 });
        Node node = Only(model);
        Assert.AreEqual(new TransposeConv2D(new Window(3, 3, 2, 2, 1, 1, 0, 1, 0, 1), 1, Clamp.None), node.Operator);
        Assert.AreEqual("x", node.Input(0).Name);
    }

    [TestMethod]
    public void Space_to_batch_around_a_conv_is_its_dilation()
    {
        var model = new TestModel();
        int x = model.Input("x", [1, 9, 9, 1]);
        int spaced = model.Tensor("spaced", [4, 7, 7, 1]);
        int convolved = model.Tensor("convolved", [4, 5, 5, 2]);
        int y = model.Output("y", [1, 9, 9, 2]);
        model.Operator(SPACE_TO_BATCH_ND, [x, model.Ints("block", 2, 2), model.Constant("pads", [2, 2], [2, 3, 2, 3], TensorType.INT32)], [spaced]);
        model.Operator(CONV_2D, [spaced, model.Floats("w", [2, 3, 3, 1])], [convolved], OptionsTable.Conv2D, new() { [0] = (byte)1, [1] = 1, [2] = 1 });
        model.Operator(BATCH_TO_SPACE_ND, [convolved, model.Ints("block", 2, 2), model.Constant("crops", [2, 2], [0, 1, 0, 1], TensorType.INT32)], [y]);
        Assert.AreEqual(new Conv2D(new Window(3, 3, 1, 1, 2, 2, 2, 2, 2, 2), 1, Clamp.None), Only(model).Operator);
    }

    [TestMethod]
    public void Fully_connected_flattens_what_it_reads()
    {
        Graph graph = TestModel.Single(FULLY_CONNECTED, [1, 2, 3, 2], [1, 5], [], OptionsTable.FullyConnected, m => [m.Floats("w", [5, 12]), m.Floats("b", [5])]).Import();
        CollectionAssert.AreEqual(new Operator[] { new Reshape(), new FullyConnected(Clamp.None) }, graph.Nodes.ConvertAll(static n => n.Operator));
        Assert.AreEqual(new Shape(1, 12), graph.Nodes[0].Output.Shape);
    }

    [TestMethod]
    public void Fully_connected_may_keep_dimensions()
    {
        Node node = Only(TestModel.Single(FULLY_CONNECTED, [1, 4, 12], [1, 4, 5], new() { [2] = (byte)1 }, OptionsTable.FullyConnected, m => [m.Floats("w", [5, 12]), -1]));
        Assert.AreEqual(new FullyConnected(Clamp.None), node.Operator);
    }

    [TestMethod]
    public void Fully_connected_with_computed_weights_is_a_product_of_matrices()
    {
        var model = TestModel.Single(FULLY_CONNECTED, [2, 12], [2, 5], [], OptionsTable.FullyConnected, m => [m.Input("w", [5, 12])]);
        CollectionAssert.AreEqual(new[] { "Transpose", "MatMul" }, model.Import().Nodes.ConvertAll(static n => n.Operator.Kind));
    }

    [TestMethod]
    public void Batch_matmul_transposes_what_lies_transposed()
    {
        var model = TestModel.Single(BATCH_MATMUL, [2, 1, 3, 4], [2, 6, 3, 5], new() { [1] = (byte)1 }, OptionsTable.BatchMatMul, m => [m.Input("b", [6, 5, 4])]);
        CollectionAssert.AreEqual(new[] { "Transpose", "MatMul" }, model.Import().Nodes.ConvertAll(static n => n.Operator.Kind));
    }

    [TestMethod]
    [DataRow(ADD, OptionsTable.Add, BinaryFunction.Add)]
    [DataRow(SUB, OptionsTable.Sub, BinaryFunction.Sub)]
    [DataRow(MUL, OptionsTable.Mul, BinaryFunction.Mul)]
    [DataRow(DIV, OptionsTable.Div, BinaryFunction.Div)]
    public void Binary_operators_have_their_activation(object builtin, object table, object function)
    {
        Node node = Only(TestModel.Single((BuiltinOperator)builtin, [2, 1, 3], [2, 4, 3], new() { [0] = (byte)2 }, (OptionsTable)table, m => [m.Input("b", [4, 1])]));
        Assert.AreEqual(new Binary((BinaryFunction)function, new Clamp(-1, 1)), node.Operator);
    }

    [TestMethod]
    [DataRow(MINIMUM, "Min")]
    [DataRow(MAXIMUM, "Max")]
    [DataRow(POW, "Pow")]
    public void Binary_operators_without_options(object builtin, string kind) =>
        Assert.AreEqual(kind, Only(TestModel.Single((BuiltinOperator)builtin, [3], [3], more: m => [m.Input("b", [])])).Operator.Kind);

    [TestMethod]
    public void Squared_difference_is_taken_apart()
    {
        var model = TestModel.Single(SQUARED_DIFFERENCE, [3], [3], more: m => [m.Input("b", [3])]);
        CollectionAssert.AreEqual(new[] { "Sub", "Square" }, model.Import().Nodes.ConvertAll(static n => n.Operator.Kind));
    }

    [TestMethod]
    public void Fused_tanh_becomes_a_node()
    {
        var model = TestModel.Single(ADD, [3], [3], new() { [0] = (byte)4 }, OptionsTable.Add, m => [m.Input("b", [3])]);
        CollectionAssert.AreEqual(new[] { "Add", "Tanh" }, model.Import().Nodes.ConvertAll(static n => n.Operator.Kind));
    }

    [TestMethod]
    [DataRow(RELU, "Relu")]
    [DataRow(RELU6, "Relu6")]
    [DataRow(RELU_N1_TO_1, "Clip")]
    [DataRow(RELU_0_TO_1, "Clip")]
    [DataRow(ELU, "Elu")]
    [DataRow(HARD_SWISH, "HardSwish")]
    [DataRow(LOGISTIC, "Sigmoid")]
    [DataRow(TANH, "Tanh")]
    [DataRow(EXP, "Exp")]
    [DataRow(LOG, "Log")]
    [DataRow(SQRT, "Sqrt")]
    [DataRow(RSQRT, "Rsqrt")]
    [DataRow(SQUARE, "Square")]
    [DataRow(ABS, "Abs")]
    [DataRow(NEG, "Neg")]
    [DataRow(SIGN, "Sign")]
    [DataRow(FLOOR, "Floor")]
    [DataRow(CEIL, "Ceil")]
    [DataRow(ROUND, "Round")]
    [DataRow(SIN, "Sin")]
    [DataRow(COS, "Cos")]
    [DataRow(GELU, "Gelu")]
    [DataRow(LOG_SOFTMAX, "LogSoftmax")]
    public void Operators_of_one_input(object builtin, string kind) =>
        Assert.AreEqual(kind, Only(TestModel.Single((BuiltinOperator)builtin, [2, 3], [2, 3])).Operator.Kind);

    [TestMethod]
    public void Parameters_come_from_the_options()
    {
        Assert.AreEqual(new Unary(UnaryFunction.LeakyRelu, 0.25f), Only(TestModel.Single(LEAKY_RELU, [3], [3], new() { [0] = 0.25f }, OptionsTable.LeakyRelu)).Operator);
        Assert.AreEqual(new Unary(UnaryFunction.Gelu, 1), Only(TestModel.Single(GELU, [3], [3], new() { [0] = (byte)1 }, OptionsTable.Gelu)).Operator);
        Assert.AreEqual(new Softmax(1, 0.5f), Only(TestModel.Single(SOFTMAX, [2, 3], [2, 3], new() { [0] = 0.5f }, OptionsTable.Softmax)).Operator);
    }

    [TestMethod]
    public void Prelu_has_a_slope_for_each_channel()
    {
        Node node = Only(TestModel.Single(PRELU, [1, 2, 2, 3], [1, 2, 2, 3], more: m => [m.Floats("slope", [1, 1, 3])]));
        Assert.AreEqual(new Shape(3), node.Input(1).Shape);
    }

    [TestMethod]
    public void Pooling_does_not_count_padding()
    {
        FlatTableData Options() => new() { [0] = (byte)0, [1] = 2, [2] = 1, [3] = 2, [4] = 3 };
        Node node = Only(TestModel.Single(AVERAGE_POOL_2D, [1, 4, 4, 2], [1, 4, 2, 2], Options(), OptionsTable.Pool2D));
        Assert.AreEqual(new Pool2D(PoolFunction.Average, new Window(3, 2, 1, 2, 1, 1, 1, 1, 0, 0), false, Clamp.None), node.Operator);
        Assert.AreEqual("MaxPool2D", Only(TestModel.Single(MAX_POOL_2D, [1, 4, 4, 2], [1, 4, 2, 2], Options(), OptionsTable.Pool2D)).Operator.Kind);
    }

    [TestMethod]
    [DataRow(MEAN, "Mean")]
    [DataRow(SUM, "ReduceSum")]
    [DataRow(REDUCE_MAX, "ReduceMax")]
    [DataRow(REDUCE_MIN, "ReduceMin")]
    [DataRow(REDUCE_PROD, "ReduceProd")]
    public void Reductions_sort_their_axes(object builtin, string kind)
    {
        Node node = Only(TestModel.Single((BuiltinOperator)builtin, [1, 4, 5, 2], [1, 2], [], OptionsTable.Reducer, m => [m.Ints("axes", -2, 1)]));
        Assert.AreEqual(kind, node.Operator.Kind);
        CollectionAssert.AreEqual(new[] { 1, 2 }, ((Reduce)node.Operator).Axes);
        Assert.AreEqual(new Shape(1, 1, 1, 2), Only(TestModel.Single(
            (BuiltinOperator)builtin, [1, 4, 5, 2], [1, 1, 1, 2], new() { [0] = (byte)1 }, OptionsTable.Reducer, m => [m.Ints("axes", 2, 1)])).Output.Shape);
    }

    [TestMethod]
    [DataRow(ARG_MAX, "ArgMax")]
    [DataRow(ARG_MIN, "ArgMin")]
    public void Arg_max_gives_integers(object builtin, string kind)
    {
        TestModel model = TestModel.Single((BuiltinOperator)builtin, [2, 7], [2], more: m => [m.Ints("axis", -1)]);
        model.Tensors[^1][1] = (byte)TensorType.INT32;
        Assert.AreEqual(kind, Only(model).Operator.Kind);
    }

    [TestMethod]
    public void Reshape_resolves_what_is_left_over()
    {
        Assert.AreEqual(new Shape(1, 24), Only(TestModel.Single(RESHAPE, [1, 2, 3, 4], [1, 24], more: m => [m.Ints("shape", 1, -1)])).Output.Shape);
        Assert.AreEqual(new Shape(1, 24), Only(TestModel.Single(RESHAPE, [1, 2, 3, 4], [1, 24], new() { [0] = new[] { -1, 24 } }, OptionsTable.Reshape)).Output.Shape);
        Assert.AreEqual(new Shape(2, 3), Only(TestModel.Single(SQUEEZE, [1, 2, 1, 3], [2, 3], [], OptionsTable.Squeeze)).Output.Shape);
        Assert.AreEqual(new Shape(1, 2, 3), Only(TestModel.Single(SQUEEZE, [1, 2, 1, 3], [1, 2, 3], new() { [0] = new[] { -2 } }, OptionsTable.Squeeze)).Output.Shape);
        Assert.AreEqual(new Shape(2, 1, 3), Only(TestModel.Single(EXPAND_DIMS, [2, 3], [2, 1, 3], more: m => [m.Ints("axis", 1)])).Output.Shape);
    }

    [TestMethod]
    public void Transpose_permutes_the_shape()
    {
        Node node = Only(TestModel.Single(TRANSPOSE, [1, 2, 3], [3, 1, 2], more: m => [m.Ints("permutation", 2, 0, 1)]));
        CollectionAssert.AreEqual(new[] { 2, 0, 1 }, ((Transpose)node.Operator).Permutation);
    }

    [TestMethod]
    public void A_reshape_to_a_computed_shape_is_folded()
    {
        var model = new TestModel();
        int x = model.Input("x", [1, 2, 3, 4]);
        int shape = model.Tensor("shape", [4], TensorType.INT32);
        int batch = model.Tensor("batch", [], TensorType.INT32);
        int packed = model.Tensor("packed", [2], TensorType.INT32);
        model.Operator(SHAPE, [x], [shape]);
        model.Operator(STRIDED_SLICE, [shape, model.Ints("begin", 0), model.Ints("end", 1), model.Ints("strides", 1)], [batch], OptionsTable.StridedSlice, new() { [4] = 1 });
        model.Operator(PACK, [batch, model.Constant("rest", [], [24], TensorType.INT32)], [packed], OptionsTable.Pack, new() { [0] = 2, [1] = 0 });
        model.Operator(RESHAPE, [x, packed], [model.Output("y", [1, 24])]);
        Assert.AreEqual(new Reshape(), Only(model).Operator);
    }

    [TestMethod]
    public void Padding_is_before_and_after()
    {
        static int Paddings(TestModel m) => m.Constant("paddings", [2, 2], [0, 1, 2, 0], TensorType.INT32);
        var pad = (Pad)Only(TestModel.Single(PAD, [3, 4], [4, 6], more: m => [Paddings(m)])).Operator;
        CollectionAssert.AreEqual(new[] { 0, 2 }, pad.Before);
        CollectionAssert.AreEqual(new[] { 1, 0 }, pad.After);
        Assert.AreEqual(0.125f, ((Pad)Only(TestModel.Single(PADV2, [3, 4], [4, 6], more: m => [Paddings(m), m.Floats("value", [1])])).Operator).Value);
        Assert.AreEqual(PadMode.Symmetric, ((Pad)Only(TestModel.Single(MIRROR_PAD, [3, 4], [4, 6], new() { [0] = (byte)1 }, OptionsTable.MirrorPad, m => [Paddings(m)])).Operator).Mode);
    }

    [TestMethod]
    public void Joining_and_parting()
    {
        Assert.AreEqual(new Concat(1), Only(TestModel.Single(CONCATENATION, [2, 3], [2, 7], new() { [0] = -1 }, OptionsTable.Concatenation, m => [m.Input("b", [2, 4])])).Operator);
        CollectionAssert.AreEqual(
            new[] { "Reshape", "Reshape", "Concat" },
            TestModel.Single(PACK, [2, 3], [2, 2, 3], new() { [0] = 2, [1] = 1 }, OptionsTable.Pack, m => [m.Input("b", [2, 3])]).Import().Nodes.ConvertAll(static n => n.Operator.Kind));
        TestModel unpack = TestModel.Single(UNPACK, [2, 3], [3], new() { [0] = 2, [1] = 0 }, OptionsTable.Unpack);
        unpack.Operators[0][2] = new[] { 1, unpack.Output("z", [3]) };
        CollectionAssert.AreEqual(new[] { "Slice", "Reshape", "Slice", "Reshape" }, unpack.Import().Nodes.ConvertAll(static n => n.Operator.Kind));
    }

    [TestMethod]
    public void Split_slices_one_part_after_the_other()
    {
        var model = new TestModel();
        int x = model.Input("x", [1, 7]);
        int[] outputs = [model.Output("a", [1, 2]), model.Output("b", [1, 4]), model.Output("c", [1, 1])];
        model.Operator(SPLIT_V, [x, model.Ints("sizes", 2, -1, 1), model.Ints("axis", 1)], outputs);
        CollectionAssert.AreEqual(new[] { 0, 2, 6 }, model.Import().Nodes.ConvertAll(static n => ((Slice)n.Operator).Begin[1]));

        var even = new TestModel();
        int axis = even.Ints("axis", -1);
        int input = even.Input("x", [1, 6]);
        even.Operator(SPLIT, [axis, input], [even.Output("a", [1, 3]), even.Output("b", [1, 3])]);
        CollectionAssert.AreEqual(new[] { 0, 3 }, even.Import().Nodes.ConvertAll(static n => ((Slice)n.Operator).Begin[1]));
    }

    [TestMethod]
    public void Slice_goes_to_the_end_with_minus_one()
    {
        Node node = Only(TestModel.Single(SLICE, [4, 5], [1, 3], more: m => [m.Ints("begin", 1, 2), m.Ints("size", 1, -1)]));
        CollectionAssert.AreEqual(new[] { 1, 2 }, ((Slice)node.Operator).Begin);
    }

    /// <summary>Columns: begin, end, strides; masks begin, end, ellipsis, new axis, shrink; result; first elements and steps.</summary>
    [TestMethod]
    [DataRow(new[] { 1, 0 }, new[] { 4, 5 }, new[] { 2, 1 }, new[] { 0, 0, 0, 0, 0 }, new[] { 2, 5, 6 }, new[] { 1, 0, 0 }, new[] { 2, 1, 1 })]
    [DataRow(new[] { 0, -1 }, new[] { 0, 0 }, new[] { 1, -2 }, new[] { 1, 3, 0, 0, 0 }, new[] { 4, 3, 6 }, new[] { 0, 4, 0 }, new[] { 1, -2, 1 })]
    [DataRow(new[] { 0, 2 }, new[] { 0, 3 }, new[] { 1, 1 }, new[] { 0, 0, 1, 0, 2 }, new[] { 4, 5 }, new[] { 0, 0, 2 }, new[] { 1, 1, 1 })]
    [DataRow(new[] { 0, -2 }, new[] { 0, 0 }, new[] { 1, 1 }, new[] { 0, 0, 0, 1, 2 }, new[] { 1, 5, 6 }, new[] { 2, 0, 0 }, new[] { 1, 1, 1 })]
    public void Strided_slice_obeys_its_masks(int[] begin, int[] end, int[] strides, int[] masks, int[] result, int[] first, int[] step)
    {
        FlatTableData options = [];
        for (int i = 0; i < masks.Length; i++)
        {
            options[i] = masks[i];
        }

        Graph graph = TestModel.Single(STRIDED_SLICE, [4, 5, 6], result, options, OptionsTable.StridedSlice,
            m => [m.Ints("begin", begin), m.Ints("end", end), m.Ints("strides", strides)]).Import();
        var slice = (Slice)graph.Nodes[0].Operator;
        CollectionAssert.AreEqual(first, slice.Begin);
        CollectionAssert.AreEqual(step, slice.Step);
        Assert.AreEqual(new Shape(result), graph.Outputs[0].Shape);
    }

    [TestMethod]
    public void Gather_puts_the_indices_in_place_of_the_axis()
    {
        Node node = Only(TestModel.Single(GATHER, [2, 5, 3], [2, 4, 3], new() { [0] = 1 }, OptionsTable.Gather, m => [m.Ints("indices", 4, 0, 0, 1)]));
        Assert.AreEqual(new Gather(1), node.Operator);
    }

    [TestMethod]
    [DataRow((byte)0, (byte)0, ResizeCoordinates.Asymmetric, NearestRounding.Floor)]
    [DataRow((byte)1, (byte)0, ResizeCoordinates.AlignCorners, NearestRounding.RoundPreferCeil)]
    [DataRow((byte)0, (byte)1, ResizeCoordinates.HalfPixel, NearestRounding.RoundPreferCeil)]
    public void Resize_knows_three_coordinates(byte align, byte half, object coordinates, object rounding)
    {
        Node nearest = Only(TestModel.Single(RESIZE_NEAREST_NEIGHBOR, [1, 2, 3, 4], [1, 5, 6, 4], new() { [0] = align, [1] = half }, OptionsTable.ResizeNearestNeighbor, m => [m.Ints("size", 5, 6)]));
        Assert.AreEqual(new Resize(ResizeFunction.Nearest, (ResizeCoordinates)coordinates, (NearestRounding)rounding), nearest.Operator);
        Node bilinear = Only(TestModel.Single(RESIZE_BILINEAR, [1, 2, 3, 4], [1, 5, 6, 4], new() { [2] = align, [3] = half }, OptionsTable.ResizeBilinear, m => [m.Ints("size", 5, 6)]));
        Assert.AreEqual((ResizeCoordinates)coordinates, ((Resize)bilinear.Operator).Coordinates);
    }

    [TestMethod]
    public void Cast_takes_the_type_of_its_output()
    {
        TestModel model = TestModel.Single(CAST, [2], [2]);
        model.Tensors[0][1] = (byte)TensorType.UINT8;
        Node node = Only(model);
        Assert.AreEqual(new Cast(), node.Operator);
        Assert.AreEqual(ElementType.UInt8, node.Input(0).Type);
    }

    /// <summary>The one node that a network comes to.</summary>
    private static Node Only(TestModel model)
    {
        Graph graph = model.Import();
        Assert.HasCount(1, graph.Nodes);
        Assert.AreSame(graph.Outputs[0], graph.Nodes[0].Output);
        Assert.AreEqual("y", graph.Nodes[0].Name);
        return graph.Nodes[0];
    }
}
