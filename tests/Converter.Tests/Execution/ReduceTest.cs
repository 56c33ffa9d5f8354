using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

/// <summary>Reduce, ArgMax and Softmax: operators along axes.</summary>
[TestClass]
public class ReduceTest
{
    [TestMethod]
    public void Reductions_equal_the_definition() => RandomCases.ForAll(
        random =>
        {
            Shape shape = Indices.RandomShape(random, random.Next(0, 5));
            int[] axes = [.. Enumerable.Range(0, shape.Rank).Where(_ => random.Next(2) == 0)];
            var function = (ReduceFunction)random.Next(5);
            bool keep = random.Next(2) == 0;
            int[] kept = [.. shape.Select((n, d) => axes.Contains(d) ? 1 : n)];
            var output = new Shape([.. kept.Where((_, d) => keep || !axes.Contains(d))]);
            Tensor x = random.Next(2) == 0 ? random.RandomTensor(shape) : new Tensor(shape, Array.ConvertAll(random.Floats(shape.ElementCount), f => (long)(16 * f)));

            Tensor y = OneNode.Run(new Reduce(function, axes, keep), output, x.Type, x);

            float[] expected = [.. Indices.All(shape).Zip(x.ToFloats())
                .GroupBy(e => Indices.BroadcastOffset(new Shape(kept), e.First), e => (double)e.Second)
                .OrderBy(g => g.Key)
                .Select(g => Apply(function, g, x.Type == ElementType.Int64))];
            if (x.Type == ElementType.Float32)
            {
                OneNode.AssertClose(expected, y);
            }
            else if (function != ReduceFunction.Prod)
            {
                // Products wrap around: not for a reference in doubles.
                CollectionAssert.AreEqual(expected, y.ToFloats());
            }
        },
        200);

    [TestMethod]
    public void ArgMax_finds_the_first_or_last_of_equals() => RandomCases.ForAll(random =>
    {
        Shape shape = Indices.RandomShape(random, random.Next(1, 5));
        int axis = random.Next(shape.Rank);
        (bool keep, bool last, bool smallest) = (random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0);
        int[] data = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => random.Next(3))];
        var x = new Tensor(shape, random.Next(2) == 0 ? data : Array.ConvertAll(data, i => (float)i));
        Shape kept = shape.With(axis, 1);
        Shape output = keep ? kept : new Shape([.. kept.Where((_, d) => d != axis)]);

        Tensor y = OneNode.Run(new ArgMax(axis, keep, last, smallest), output, ElementType.Int64, x);

        long[] expected = [.. Indices.All(kept).Select(index =>
        {
            IEnumerable<int> line = Enumerable.Range(0, shape[axis]).Select(j => data[Indices.Offset(shape, [.. index[..axis], j, .. index[(axis + 1)..]])]);
            int best = smallest ? line.Min() : line.Max();
            return (long)(last ? line.ToList().LastIndexOf(best) : line.ToList().IndexOf(best));
        })];
        CollectionAssert.AreEqual(expected, y.Data);
    });

    [TestMethod]
    public void Softmax_equals_the_definition() => RandomCases.ForAll(random =>
    {
        Shape shape = Indices.RandomShape(random, random.Next(1, 5));
        int axis = random.Next(shape.Rank);
        bool log = random.Next(2) == 0;
        Tensor x = random.RandomTensor(shape);

        Tensor y = OneNode.Run(new Softmax(axis, 1.5f, log), shape, x);

        float[] expected = [.. Indices.All(shape).Select(index =>
        {
            double sum = Enumerable.Range(0, shape[axis]).Sum(j => Math.Exp(1.5 * x.Floats[Indices.Offset(shape, [.. index[..axis], j, .. index[(axis + 1)..]])]));
            double p = Math.Exp(1.5 * x.Floats[Indices.Offset(shape, index)]) / sum;
            return (float)(log ? Math.Log(p) : p);
        })];
        OneNode.AssertClose(expected, y);
    });

    [TestMethod]
    public void Softmax_of_large_elements_does_not_overflow()
    {
        var x = new Tensor(new Shape(2), new[] { 1e30f, -1e30f });
        OneNode.AssertClose([1, 0], OneNode.Run(new Softmax(0, 1), x.Shape, x));
    }

    private static float Apply(ReduceFunction function, IEnumerable<double> line, bool truncate) => (float)(function switch
    {
        ReduceFunction.Mean => truncate ? Math.Truncate(line.Average()) : line.Average(),
        ReduceFunction.Sum => line.Sum(),
        ReduceFunction.Max => line.Max(),
        ReduceFunction.Min => line.Min(),
        _ => line.Aggregate((a, b) => a * b),
    });
}
