using TinyInference.Converter.Conversion;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Quantization;

namespace Converter.Tests.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>
/// One operator, quantized, lowered and run as a blob, against the float executor on the quantized graph: its values are rounded
/// to the same grids, so that only the rounding of the operator itself differs.
/// </summary>
[TestClass]
public class SingleOperatorTest
{
    [TestMethod]
    public void Conv2D() => Check((random, shape) =>
    {
        int groups = shape[3] % 2 == 0 ? random.Next(1, 3) : 1;
        var window = new Window(random.Next(1, 3), random.Next(1, 3), random.Next(1, 3), random.Next(1, 3), 1, 1, random.Next(2), random.Next(2), random.Next(2), random.Next(2));
        int channels = groups * random.Next(1, 5);
        return (new Conv2D(window, groups, RandomClamp(random)), new Shape(1, window.OutputHeight(shape[1]), window.OutputWidth(shape[2]), channels),
            [Random(random, channels, window.KernelH, window.KernelW, shape[3] / groups), Random(random, channels)]);
    });

    [TestMethod]
    public void DepthwiseConv2D() => Check((random, shape) =>
    {
        int m = random.Next(1, 3);
        var window = new Window(2, random.Next(1, 3), 1, random.Next(1, 3), 1, 1, 1, 0, 0, 1);
        return (new DepthwiseConv2D(window, RandomClamp(random)), new Shape(1, window.OutputHeight(shape[1]), window.OutputWidth(shape[2]), shape[3] * m),
            [Random(random, 1, window.KernelH, window.KernelW, shape[3] * m), Random(random, shape[3] * m)]);
    });

    [TestMethod]
    public void TransposeConv2D() => Check((random, shape) =>
    {
        var window = new Window(random.Next(1, 4), 2, 2, random.Next(1, 3));
        int channels = random.Next(1, 5);
        return (new TransposeConv2D(window, 1, RandomClamp(random)),
            new Shape(1, ((shape[1] - 1) * window.StrideH) + window.KernelH, ((shape[2] - 1) * window.StrideW) + window.KernelW, channels),
            [Random(random, channels, window.KernelH, window.KernelW, shape[3]), Random(random, channels)]);
    });

    [TestMethod]
    public void FullyConnected() => Check((random, shape) =>
    {
        int channels = random.Next(1, 70);
        return (new FullyConnected(RandomClamp(random)), shape.With(3, channels), [Random(random, channels, shape[3]), Random(random, channels)]);
    });

    [TestMethod]
    [DataRow(BinaryFunction.Add)]
    [DataRow(BinaryFunction.Sub)]
    [DataRow(BinaryFunction.Mul)]
    public void Binary_with_a_constant(object function) => Check((random, shape) =>
        (new Binary((BinaryFunction)function, RandomClamp(random)), shape, [random.Next(3) == 0 ? Random(random, 1) : Random(random, shape[3])]), 2);

    [TestMethod]
    [DataRow(BinaryFunction.Div)]
    [DataRow(BinaryFunction.Min)]
    [DataRow(BinaryFunction.Max)]
    [DataRow(BinaryFunction.Pow)]
    public void Binary_with_a_scalar(object function) =>
        Check((_, shape) => (new Binary((BinaryFunction)function, Clamp.None), shape, [new Tensor(Shape.Scalar, new[] { 2f })]));

    [TestMethod]
    public void Pools() => Check((random, shape) =>
    {
        var window = new Window(2, 2, random.Next(1, 3), 1, 1, 1, random.Next(2), 1, 0, random.Next(2));
        return (new Pool2D((PoolFunction)random.Next(2), window, random.Next(2) == 0, Clamp.None), new Shape(1, window.OutputHeight(shape[1]), window.OutputWidth(shape[2]), shape[3]), []);
    });

    [TestMethod]
    public void Reductions() => Check((random, shape) =>
    {
        var function = (ReduceFunction)random.Next(4);
        int[] axes = random.Next(2) == 0 ? [1, 2] : [3];
        return (new Reduce(function, axes, true), axes is [3] ? shape.With(3, 1) : shape.With(1, 1).With(2, 1), []);
    });

    [TestMethod]
    public void Softmax() => Check((random, shape) => (new Softmax(random.Next(1, 4), 1), shape, []));

    [TestMethod]
    public void LayerNorm() => Check((random, shape) => (new LayerNorm(random.Next(2) == 0 ? 1e-5f : 0.1f, RandomClamp(random)), shape, [Random(random, shape[3]), Random(random, shape[3])]));

    [TestMethod]
    public void Unary_functions()
    {
        foreach (UnaryFunction function in Enum.GetValues<UnaryFunction>().Where(f => f is not (UnaryFunction.Log or UnaryFunction.Sqrt or UnaryFunction.Rsqrt or UnaryFunction.Reciprocal)))
        {
            Check((_, shape) => (new Unary(function, 0.2f, 0.5f), shape, []), 1, 3);
        }
    }

    [TestMethod]
    public void PRelu() => Check((random, shape) => (new PRelu(), shape, [Random(random, random.Next(2) == 0 ? 1 : shape[3])]), 2);

    [TestMethod]
    public void Moves() => Check((random, shape) => random.Next(5) switch
    {
        0 => (new Transpose([0, 3, 1, 2]), new Shape(1, shape[3], shape[1], shape[2]), []),
        1 => (new Slice([0, shape[1] - 1, 0, 0], [1, -1, 1, 1]), shape, []),
        2 => (new Pad([0, 1, 0, 0], [0, 0, 2, 0], PadMode.Constant, 0), new Shape(1, shape[1] + 1, shape[2] + 2, shape[3]), []),
        3 => (new Pad([0, 1, 1, 0], [0, 1, 0, 0], random.Next(2) == 0 ? PadMode.Reflect : PadMode.Edge, 0), new Shape(1, shape[1] + 2, shape[2] + 1, shape[3]), []),
        _ => (new Reshape(), new Shape(shape.ElementCount), []),
    });

    [TestMethod]
    public void Resizes() => Check((random, shape) =>
    {
        var function = (ResizeFunction)random.Next(2);
        var coordinates = (ResizeCoordinates)random.Next(4);
        return (new Resize(function, coordinates, NearestRounding.Floor), new Shape(1, shape[1] * 2, shape[2] + 1, shape[3]), []);
    }, 2);

    private static void Check(Func<Random, Shape, (Operator Operator, Shape Output, Tensor[] Constants)> make, int tolerance = 1, int count = 25) => RandomCases.ForAll(random =>
    {
        var shape = new Shape(1, random.Next(2, 7), random.Next(2, 7), random.Next(1, 9));
        (Operator op, Shape outputShape, Tensor[] constants) = make(random, shape);
        var graph = new Graph();
        var x = new Value("x", ElementType.Float32, shape);
        var y = new Value("y", ElementType.Float32, outputShape);
        graph.Inputs.Add(x);
        graph.Outputs.Add(y);
        graph.Nodes.Add(new Node("node", op, [x, .. constants.Select((c, i) => new Value($"c{i}", c))], [y]));
        Tensor[] samples = [.. Enumerable.Range(0, 4).Select(_ => Random(random, shape.ToArray()))];

        ConversionResult network = NetworkConverter.Convert(graph, new CalibrationSamples(samples.Length, i => [samples[i]]), QuantizationOptions.Default with { Observer = ObserverKind.MinMax });

        var runner = new BlobRunner(network);
        var reference = new FloatExecutor(network.Graph);
        float scale = network.Program.Outputs[0].Scale;
        foreach (Tensor sample in samples)
        {
            float[] expected = reference.Run(sample)[0].Floats;
            float[] actual = runner.Run(sample.Floats);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.IsTrue(Math.Abs(actual[i] - expected[i]) <= (tolerance + 0.01f) * scale, $"{op} of {shape}: element {i} is {actual[i] / scale} instead of {expected[i] / scale}");
            }
        }
    }, count);

    private static Clamp RandomClamp(Random random) => random.Next(3) switch
    {
        0 => Clamp.None,
        1 => Clamp.Relu,
        _ => Clamp.Relu6,
    };

    private static Tensor Random(Random random, params int[] dimensions)
    {
        var shape = new Shape(dimensions);
        return new Tensor(shape, Array.ConvertAll(new float[shape.ElementCount], _ => (random.NextSingle() * 4) - 2));
    }
}
