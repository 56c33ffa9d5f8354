using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class LayerNormPatternsTest
{
    private const float Epsilon = 1e-3f;

    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> s_spellings = new()
    {
        ["d / sqrt(v)"] = (b, x) => b.Binary(BinaryFunction.Div, Centered(b, x), Root(b, Variance(b, x))),
        ["d / v^0.5 by powers, the difference once"] = (b, x) =>
        {
            Value d = Centered(b, x);
            Value squares = b.Binary(BinaryFunction.Pow, d, b.Scalar(2));
            return b.Binary(BinaryFunction.Div, d, b.Binary(BinaryFunction.Pow, Plus(b, b.Scalar(Epsilon), Mean(b, squares)), b.Scalar(0.5f)));
        },
        ["rsqrt(v) * d"] = (b, x) => Times(b, b.Unary(UnaryFunction.Rsqrt, Variance(b, x)), Centered(b, x)),
        ["d * (1 / sqrt(v)), d * d"] = (b, x) =>
        {
            Value d = Centered(b, x);
            Value variance = Plus(b, Mean(b, Times(b, d, d)), b.Scalar(Epsilon));
            return Times(b, d, b.Binary(BinaryFunction.Div, b.Scalar(1), Root(b, variance)));
        },
        ["x * k - mean * k"] = (b, x) =>
        {
            Value k = b.Unary(UnaryFunction.Rsqrt, Variance(b, x));
            return b.Binary(BinaryFunction.Sub, Times(b, x, k), Times(b, Mean(b, x), k));
        },
        ["x * k + (bias - mean * k), k = rsqrt(v) * scale"] = (b, x) => Scaled(b, x, Clamp.None),
        ["relu(x * k + (bias - mean * k))"] = (b, x) => Scaled(b, x, Clamp.Relu),
        ["d / sqrt(v) * scale + bias"] = (b, x) =>
            Plus(b, Times(b, b.Binary(BinaryFunction.Div, Centered(b, x), Root(b, Variance(b, x))), b.Constant(x.Shape[-1])), b.Constant(1, 1, x.Shape[-1])),
    };

    public static IEnumerable<object[]> Names => s_spellings.Keys.Select(k => new object[] { k });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Recognises(string name)
    {
        var b = new GraphBuilder();
        Graph graph = b.Build(s_spellings[name](b, b.Unary(UnaryFunction.Tanh, b.Input(1, 3, 20))));

        Equivalence.Check(graph, g => PassPipeline.Run(g));

        Assert.HasCount(2, graph.Nodes);
        var norm = (LayerNorm)graph.Nodes[1].Operator;
        Assert.AreEqual(Epsilon, norm.Epsilon);
        Assert.AreEqual(name.StartsWith("relu", StringComparison.Ordinal) ? Clamp.Relu : Clamp.None, norm.Clamp);
    }

    /// <summary>Keras has TensorFlow's batch normalization of the transposed input compute it.</summary>
    [TestMethod]
    public void Recognises_the_batch_normalization_of_the_transposed_input()
    {
        var b = new GraphBuilder();
        Value x = b.Unary(UnaryFunction.Tanh, b.Input(1, 3, 20));
        Value images = b.Transpose(b.Reshape(x, 1, 3, 20, 1), 0, 2, 3, 1);
        Value mean = Columns(images);
        Value squares = b.Unary(UnaryFunction.Square, b.Binary(BinaryFunction.Sub, images, mean));
        Value k = Times(b, b.Constant(new Tensor(new Shape(3), new float[] { 1, 1, 1 })), b.Unary(UnaryFunction.Rsqrt, Plus(b, Columns(squares), b.Scalar(Epsilon))));
        Value offset = b.Binary(BinaryFunction.Sub, b.Constant(new Tensor(new Shape(3), new float[3])), Times(b, mean, k));
        Value normalized = b.Reshape(b.Transpose(Plus(b, Times(b, images, k), offset), 0, 3, 1, 2), 1, 3, 20);
        Graph graph = b.Build(Plus(b, Times(b, normalized, b.Constant(20)), b.Constant(20)));

        Equivalence.Check(graph, g => PassPipeline.Run(g));

        Assert.AreEqual("Tanh LayerNorm", string.Join(' ', graph.Nodes.Select(n => n.Operator.Kind).Where(n => n != "Reshape")));

        Value Columns(Value v) => b.Node(new Reduce(ReduceFunction.Mean, [0, 1, 2], false), [3], v);
    }

    [TestMethod]
    public void Recognises_several_dimensions_together()
    {
        var b = new GraphBuilder();
        Value x = b.Unary(UnaryFunction.Tanh, b.Input(2, 3, 4, 5));
        Value d = b.Binary(BinaryFunction.Sub, x, All(x));
        Value variance = Plus(b, All(b.Unary(UnaryFunction.Square, d)), b.Scalar(Epsilon));
        Graph graph = b.Build(b.Binary(BinaryFunction.Div, d, Root(b, variance)));

        Equivalence.Check(graph, g => PassPipeline.Run(g));

        Assert.AreEqual("Tanh Reshape LayerNorm Reshape", string.Join(' ', graph.Nodes.Select(n => n.Operator.Kind)));

        Value All(Value v) => b.Node(new Reduce(ReduceFunction.Mean, [1, 2, 3], true), [2, 1, 1, 1], v);
    }

    [TestMethod]
    public void Leaves_other_means_other_dimensions_and_steps_that_are_rounded()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 3, 20);
        Value z = b.Input(1, 3, 20);
        Value columns = b.Node(new Reduce(ReduceFunction.Mean, [1], true), [1, 1, 20], x);
        Value rounded = Centered(b, x);
        rounded.Type = ElementType.Int8;
        rounded.Quantization = new QuantizationParameters(0.1f, 0);
        Graph graph = b.Build(
            b.Binary(BinaryFunction.Div, Centered(b, z), Root(b, Variance(b, x))),
            b.Binary(BinaryFunction.Div, b.Binary(BinaryFunction.Sub, x, columns), Root(b, Variance(b, x))),
            b.Binary(BinaryFunction.Mul, Centered(b, x), Root(b, Variance(b, x))),
            b.Binary(BinaryFunction.Div, rounded, Root(b, Variance(b, x))));

        Assert.AreEqual(0, Equivalence.Check(new LayerNormPatterns(), graph));
    }

    [TestMethod]
    public void Random_networks_compute_the_same_with_scale_and_bias_folded() => RandomCases.ForAll(
        random =>
        {
            var b = new GraphBuilder(random.Next());
            Value x = b.Input(1, random.Next(1, 4), random.Next(2, 9));
            if (random.Next(2) == 0)
            {
                x = b.Dense(x, random.Next(2, 9));
            }

            Func<GraphBuilder, Value, Value>[] spellings = [.. s_spellings.Values];
            Value y = spellings[random.Next(spellings.Length)](b, x);
            y = random.Next(2) == 0 ? Times(b, b.Constant(y.Shape[-1]), y) : Plus(b, y, b.Scalar(0.5f));
            Equivalence.Check(b.Build(random.Next(2) == 0 ? b.Dense(y, 3) : y), g => PassPipeline.Run(g), 1e-3f);
        },
        count: 40);

    private static Value Scaled(GraphBuilder b, Value x, Clamp clamp)
    {
        Value k = Times(b, b.Unary(UnaryFunction.Rsqrt, Variance(b, x)), b.Constant(x.Shape[-1]));
        Value offset = b.Binary(BinaryFunction.Sub, b.Constant(x.Shape[-1]), Times(b, Mean(b, x), k));
        return b.Node(new Binary(BinaryFunction.Add, clamp), x.Shape, Times(b, x, k), offset);
    }

    private static Value Mean(GraphBuilder b, Value x) => b.Node(new Reduce(ReduceFunction.Mean, [x.Shape.Rank - 1], true), x.Shape.With(-1, 1), x);

    private static Value Centered(GraphBuilder b, Value x) => b.Binary(BinaryFunction.Sub, x, Mean(b, x));

    private static Value Variance(GraphBuilder b, Value x) => Plus(b, Mean(b, b.Unary(UnaryFunction.Square, Centered(b, x))), b.Scalar(Epsilon));

    private static Value Root(GraphBuilder b, Value x) => b.Unary(UnaryFunction.Sqrt, x);

    private static Value Plus(GraphBuilder b, Value x, Value y) => b.Binary(BinaryFunction.Add, x, y);

    private static Value Times(GraphBuilder b, Value x, Value y) => b.Binary(BinaryFunction.Mul, x, y);
}
