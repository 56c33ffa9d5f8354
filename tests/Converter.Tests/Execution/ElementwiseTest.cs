using TinyInference.Converter;
using TinyInference.Converter.Execution.Kernels;
using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

/// <summary>Binary and unary functions, PRelu, BatchNorm, Cast.</summary>
[TestClass]
public class ElementwiseTest
{
    [TestMethod]
    public void Binary_functions_broadcast() => RandomCases.ForAll(
        random =>
        {
            Shape shape = Indices.RandomShape(random, random.Next(0, 5));
            Shape narrow = new([.. shape.Skip(random.Next(0, shape.Rank + 1)).Select(d => random.Next(2) == 0 ? d : 1)]);
            bool swap = random.Next(2) == 0;
            Tensor a = random.RandomTensor(swap ? narrow : shape);
            Tensor b = random.RandomTensor(swap ? shape : narrow);
            var function = (BinaryFunction)random.Next(7);
            Clamp clamp = random.Next(2) == 0 ? Clamp.Relu6 : Clamp.None;

            Tensor y = OneNode.Run(new Binary(function, clamp), shape, a, b);

            foreach (int[] index in Indices.All(shape))
            {
                float p = a.Floats[Indices.BroadcastOffset(a.Shape, index)];
                float q = b.Floats[Indices.BroadcastOffset(b.Shape, index)];
                float expected = clamp.Apply(function switch
                {
                    BinaryFunction.Add => p + q,
                    BinaryFunction.Sub => p - q,
                    BinaryFunction.Mul => p * q,
                    BinaryFunction.Div => p / q,
                    BinaryFunction.Min => Math.Min(p, q),
                    BinaryFunction.Max => Math.Max(p, q),
                    _ => MathF.Pow(p, q),
                });
                Assert.AreEqual(expected, y.Floats[Indices.Offset(shape, index)]);
            }
        },
        200);

    [TestMethod]
    [DataRow(nameof(BinaryFunction.Add), 5L, -7L, -2L)]
    [DataRow(nameof(BinaryFunction.Sub), 5L, -7L, 12L)]
    [DataRow(nameof(BinaryFunction.Mul), 5_000_000_000L, 3L, 15_000_000_000L)]
    [DataRow(nameof(BinaryFunction.Div), -7L, 2L, -3L)]
    [DataRow(nameof(BinaryFunction.Div), long.MinValue, -1L, long.MinValue)]
    [DataRow(nameof(BinaryFunction.Pow), -3L, 3L, -27L)]
    [DataRow(nameof(BinaryFunction.Max), 5L, -7L, 5L)]
    public void Integers_stay_integers(string function, long a, long b, long expected)
    {
        Tensor y = OneNode.Run(
            new Binary(Enum.Parse<BinaryFunction>(function), Clamp.None), new Shape(1), ElementType.Int64, new Tensor(new Shape(1), new[] { a }), new Tensor(Shape.Scalar, new[] { b }));
        CollectionAssert.AreEqual(new[] { expected }, y.Data);
    }

    [TestMethod]
    public void Integer_division_by_zero_names_the_node()
    {
        var zero = new Tensor(new Shape(1), new[] { 0 });
        var e = Assert.ThrowsExactly<InputException>(() => OneNode.Run(new Binary(BinaryFunction.Div, Clamp.None), new Shape(1), ElementType.Int32, zero, zero));
        StringAssert.Contains(e.Message, "'node'");
    }

    [TestMethod]
    [DataRow(nameof(UnaryFunction.Relu), -2f, 0f)]
    [DataRow(nameof(UnaryFunction.Relu6), 7f, 6f)]
    [DataRow(nameof(UnaryFunction.Clip), 7f, 0.5f)]
    [DataRow(nameof(UnaryFunction.Clip), -7f, 0.25f)]
    [DataRow(nameof(UnaryFunction.LeakyRelu), -2f, -0.5f)]
    [DataRow(nameof(UnaryFunction.HardSwish), 1f, 2f / 3)]
    [DataRow(nameof(UnaryFunction.HardSigmoid), 1f, 0.75f)]
    [DataRow(nameof(UnaryFunction.Sigmoid), 1f, 0.7310586f)]
    [DataRow(nameof(UnaryFunction.Tanh), 1f, 0.7615942f)]
    [DataRow(nameof(UnaryFunction.Elu), -1f, -0.15803014f)]
    [DataRow(nameof(UnaryFunction.Softplus), 1f, 1.3132617f)]
    [DataRow(nameof(UnaryFunction.Softplus), 1000f, 1000f)]
    [DataRow(nameof(UnaryFunction.Erf), 0.5f, 0.5204999f)]
    [DataRow(nameof(UnaryFunction.Erf), -5f, -1f)]
    [DataRow(nameof(UnaryFunction.Exp), 1f, 2.7182817f)]
    [DataRow(nameof(UnaryFunction.Log), 2f, 0.6931472f)]
    [DataRow(nameof(UnaryFunction.Sqrt), 2f, 1.4142135f)]
    [DataRow(nameof(UnaryFunction.Rsqrt), 4f, 0.5f)]
    [DataRow(nameof(UnaryFunction.Square), -3f, 9f)]
    [DataRow(nameof(UnaryFunction.Reciprocal), 4f, 0.25f)]
    [DataRow(nameof(UnaryFunction.Abs), -3f, 3f)]
    [DataRow(nameof(UnaryFunction.Neg), -3f, 3f)]
    [DataRow(nameof(UnaryFunction.Sign), -3f, -1f)]
    [DataRow(nameof(UnaryFunction.Floor), -1.5f, -2f)]
    [DataRow(nameof(UnaryFunction.Ceil), -1.5f, -1f)]
    [DataRow(nameof(UnaryFunction.Round), 2.5f, 2f)]
    [DataRow(nameof(UnaryFunction.Round), -1.5f, -2f)]
    [DataRow(nameof(UnaryFunction.Sin), 1f, 0.84147096f)]
    [DataRow(nameof(UnaryFunction.Cos), 1f, 0.5403023f)]
    public void Unary_functions_give_the_values_of_tables(string function, float x, float expected)
        => OneNode.AssertClose([expected], OneNode.Run(new Unary(Enum.Parse<UnaryFunction>(function), 0.25f, 0.5f), new Shape(1), new Tensor(new Shape(1), new[] { x })), 1e-6f);

    [TestMethod]
    public void Gelu_is_exact_or_by_tanh()
    {
        var x = new Tensor(new Shape(2), new[] { 1f, -2f });
        OneNode.AssertClose([0.8413447f, -0.0455003f], OneNode.Run(new Unary(UnaryFunction.Gelu), x.Shape, x), 1e-6f);
        OneNode.AssertClose([0.841192f, -0.0454023f], OneNode.Run(new Unary(UnaryFunction.Gelu, 1), x.Shape, x), 1e-6f);
    }

    [TestMethod]
    public void Fast_unary_functions_equal_the_plain_ones() => RandomCases.ForAll(random =>
    {
        var op = new Unary((UnaryFunction)random.Next((int)UnaryFunction.Exp + 1), 0.25f, 0.5f);
        Tensor x = random.RandomTensor(new Shape(random.Next(0, 70)));
        float[] expected = Array.ConvertAll(x.Floats, v => (float)UnaryFunctions.Evaluate(op, v));
        OneNode.AssertClose(expected, OneNode.Run(op, x.Shape, x), 1e-6f);
    });

    [TestMethod]
    public void PRelu_has_a_slope_for_each_channel()
    {
        var x = new Tensor(new Shape(2, 2), new[] { -1f, -1, 2, 0 });
        OneNode.AssertClose([-0.5f, 3, 2, 0], OneNode.Run(new PRelu(), x.Shape, x, new Tensor(new Shape(2), new[] { 0.5f, -3 })));
        OneNode.AssertClose([-0.5f, -0.5f, 2, 0], OneNode.Run(new PRelu(), x.Shape, x, new Tensor(new Shape(1), new[] { 0.5f })));
    }

    [TestMethod]
    public void Batch_norm_equals_the_definition() => RandomCases.ForAll(random =>
    {
        int channels = random.Next(1, 20);
        Tensor x = random.RandomTensor(new Shape(2, 3, channels));
        Tensor[] p = [.. Enumerable.Range(0, 4).Select(_ => random.RandomTensor(new Shape(channels)))];
        for (int c = 0; c < channels; c++)
        {
            p[3].Floats[c] = Math.Abs(p[3].Floats[c]);
        }

        float[] expected = [.. x.Floats.Select((v, i) => i % channels).Select((c, i) =>
            (float)(((x.Floats[i] - p[2].Floats[c]) / Math.Sqrt(p[3].Floats[c] + 0.01f) * p[0].Floats[c]) + p[1].Floats[c]))];
        OneNode.AssertClose(expected, OneNode.Run(new BatchNorm(0.01f), x.Shape, x, p[0], p[1], p[2], p[3]), 1e-4f);
    });

    [TestMethod]
    public void Cast_truncates_saturates_and_wraps()
    {
        var reals = new Tensor(new Shape(5), new[] { 1.9f, -1.9f, 1e20f, -1e20f, float.NaN });
        CollectionAssert.AreEqual(new[] { 1, -1, int.MaxValue, int.MinValue, 0 }, OneNode.Run(new Cast(), reals.Shape, ElementType.Int32, reals).Data);
        CollectionAssert.AreEqual(new[] { true, true, true, true, true }, OneNode.Run(new Cast(), reals.Shape, ElementType.Bool, reals).Data);
        var integers = new Tensor(new Shape(2), new[] { 300L, -1L });
        CollectionAssert.AreEqual(new byte[] { 44, 255 }, OneNode.Run(new Cast(), integers.Shape, ElementType.UInt8, integers).Data);
        CollectionAssert.AreEqual(new[] { 300f, -1f }, OneNode.Run(new Cast(), integers.Shape, integers).Data);
    }
}
