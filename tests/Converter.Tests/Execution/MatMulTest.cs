using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

[TestClass]
public class MatMulTest
{
    [TestMethod]
    public void Fully_connected_equals_the_definition() => RandomCases.ForAll(random =>
    {
        (int rows, int depth, int outputs) = (random.Next(1, 5), random.Next(1, 40), random.Next(1, 40));
        Tensor x = random.RandomTensor(new Shape(1, rows, depth));
        Tensor weights = random.RandomTensor(new Shape(outputs, depth));
        Tensor? bias = random.Next(3) == 0 ? null : random.RandomTensor(new Shape(outputs));

        Tensor y = OneNode.Run(new FullyConnected(Clamp.Relu), new Shape(1, rows, outputs), x, weights, bias);

        for (int i = 0; i < y.Floats.Length; i++)
        {
            float sum = bias?.Floats[i % outputs] ?? 0;
            for (int k = 0; k < depth; k++)
            {
                sum += x.Floats[(i / outputs * depth) + k] * weights.Floats[(i % outputs * depth) + k];
            }

            Assert.AreEqual(Math.Max(0, sum), y.Floats[i]);
        }
    });

    [TestMethod]
    public void Leading_dimensions_broadcast() => RandomCases.ForAll(random =>
    {
        (int m, int n, int k) = (random.Next(1, 5), random.Next(1, 20), random.Next(1, 6));
        Shape batch = Indices.RandomShape(random, random.Next(0, 3));
        Shape Operand(int rows, int columns)
        {
            int skipped = random.Next(0, batch.Rank + 1);
            return new([.. batch.Skip(skipped).Select(d => random.Next(2) == 0 ? d : 1), rows, columns]);
        }

        Tensor a = random.RandomTensor(random.Next(2) == 0 ? new Shape([.. batch, m, k]) : Operand(m, k));
        Tensor b = random.RandomTensor(a.Shape.Rank == batch.Rank + 2 ? Operand(k, n) : new Shape([.. batch, k, n]));
        var shape = new Shape([.. batch.Select((_, d) => Math.Max(Extent(a.Shape, batch.Rank - d), Extent(b.Shape, batch.Rank - d))), m, n]);

        Tensor y = OneNode.Run(new MatMul(), shape, a, b);

        foreach (int[] index in Indices.All(shape))
        {
            float sum = 0;
            for (int p = 0; p < k; p++)
            {
                sum += a.Floats[Indices.BroadcastOffset(a.Shape, [.. index[..^1], p])] * b.Floats[Indices.BroadcastOffset(b.Shape, [.. index[..^2], p, index[^1]])];
            }

            Assert.AreEqual(sum, y.Floats[Indices.Offset(shape, index)]);
        }
    });

    /// <summary>The extent of the <paramref name="fromMatrix"/>-th dimension before the matrices, or 1 where there is none.</summary>
    private static int Extent(Shape shape, int fromMatrix) => shape.Rank - 2 - fromMatrix is var d && d >= 0 ? shape[d] : 1;
}
