using TinyInference.Converter;
using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

/// <summary>Operators that only move elements, on reals and integers.</summary>
[TestClass]
public class MovementTest
{
    [TestMethod]
    public void Transpose_moves_dimensions() => RandomCases.ForAll(random =>
    {
        Shape shape = Indices.RandomShape(random, random.Next(0, 5));
        int[] permutation = [.. Enumerable.Range(0, shape.Rank)];
        random.Shuffle(permutation);
        var output = new Shape(permutation.Select(d => shape[d]).ToArray());
        AssertMoved(random, new Transpose(permutation), shape, output, index =>
        {
            int[] source = new int[shape.Rank];
            for (int d = 0; d < shape.Rank; d++)
            {
                source[permutation[d]] = index[d];
            }

            return source;
        });
    });

    [TestMethod]
    public void Slice_steps_in_both_directions() => RandomCases.ForAll(random =>
    {
        Shape shape = Indices.RandomShape(random, random.Next(1, 5));
        int[] begin = [.. shape.Select(n => random.Next(n))];
        int[] step = [.. shape.Select(_ => random.Next(2) == 0 ? random.Next(1, 3) : -random.Next(1, 3))];
        var output = new Shape(begin.Select((b, d) => random.Next(0, (step[d] > 0 ? (shape[d] - 1 - b) / step[d] : b / -step[d]) + 2)).ToArray());
        AssertMoved(random, new Slice(begin, step), shape, output, index => [.. index.Select((i, d) => begin[d] + (i * step[d]))]);
    });

    [TestMethod]
    public void Pad_repeats_or_reflects() => RandomCases.ForAll(random =>
    {
        Shape shape = Indices.RandomShape(random, random.Next(1, 4));
        var mode = (PadMode)random.Next(4);
        int[] Amounts() => [.. shape.Select(n => random.Next(mode == PadMode.Reflect ? n : n + 1))];
        (int[] before, int[] after) = (Amounts(), Amounts());
        var output = new Shape(shape.Select((n, d) => n + before[d] + after[d]).ToArray());
        AssertMoved(
            random,
            new Pad(before, after, mode, 7),
            shape,
            output,
            index => [.. index.Select((i, d) => Source(mode, i - before[d], shape[d]))],
            outside: 7);
    });

    [TestMethod]
    public void Concat_joins_along_an_axis() => RandomCases.ForAll(random =>
    {
        Shape shape = Indices.RandomShape(random, random.Next(1, 5));
        int axis = random.Next(shape.Rank);
        Tensor[] parts = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.RandomTensor(shape.With(axis, random.Next(0, 4))))];
        Shape output = shape.With(axis, parts.Sum(p => p.Shape[axis]));

        Tensor y = OneNode.Run(new Concat(axis), output, parts);

        foreach (int[] index in Indices.All(output))
        {
            int[] source = (int[])index.Clone();
            int part = 0;
            for (; source[axis] >= parts[part].Shape[axis]; part++)
            {
                source[axis] -= parts[part].Shape[axis];
            }

            Assert.AreEqual(parts[part].Floats[Indices.Offset(parts[part].Shape, source)], y.Floats[Indices.Offset(output, index)]);
        }
    });

    [TestMethod]
    public void Gather_takes_negative_indices_from_the_end() => RandomCases.ForAll(random =>
    {
        Shape shape = Indices.RandomShape(random, random.Next(1, 4));
        int axis = random.Next(shape.Rank);
        Shape selected = Indices.RandomShape(random, random.Next(0, 3));
        long[] indices = [.. Enumerable.Range(0, selected.ElementCount).Select(_ => (long)random.Next(-shape[axis], shape[axis]))];
        var output = new Shape([.. shape.Take(axis), .. selected, .. shape.Skip(axis + 1)]);
        Tensor x = random.RandomTensor(shape);

        Tensor y = OneNode.Run(new Gather(axis), output, x, new Tensor(selected, indices));

        foreach (int[] index in Indices.All(output))
        {
            long at = indices[Indices.Offset(selected, index[axis..(axis + selected.Rank)])];
            int[] source = [.. index[..axis], (int)(at < 0 ? at + shape[axis] : at), .. index[(axis + selected.Rank)..]];
            Assert.AreEqual(x.Floats[Indices.Offset(shape, source)], y.Floats[Indices.Offset(output, index)]);
        }
    });

    [TestMethod]
    [DataRow(3L)]
    [DataRow(-4L)]
    [DataRow(long.MinValue)]
    public void Gather_refuses_an_index_out_of_range_and_names_the_node(long index)
    {
        var x = new Tensor(new Shape(3), new float[3]);
        var e = Assert.ThrowsExactly<InputException>(() => OneNode.Run(new Gather(0), new Shape(1), x, new Tensor(new Shape(1), new[] { index })));
        StringAssert.Contains(e.Message, "'node'");
    }

    [TestMethod]
    public void Reshape_keeps_the_order_of_elements()
    {
        var x = new Tensor(new Shape(2, 3), new long[] { 1, 2, 3, 4, 5, 6 });
        Tensor y = OneNode.Run(new Reshape(), new Shape(3, 1, 2), ElementType.Int64, x);
        CollectionAssert.AreEqual(x.Data, y.Data);
    }

    private static int Source(PadMode mode, int i, int extent) => mode switch
    {
        _ when i >= 0 && i < extent => i,
        PadMode.Constant => -1,
        PadMode.Edge => i < 0 ? 0 : extent - 1,
        PadMode.Reflect => i < 0 ? -i : (2 * (extent - 1)) - i,
        _ => i < 0 ? -i - 1 : (2 * extent) - 1 - i,
    };

    /// <summary>Checks <paramref name="op"/> against <paramref name="source"/>: where each element comes from; negative: nowhere.</summary>
    private static void AssertMoved(Random random, Operator op, Shape shape, Shape output, Func<int[], int[]> source, int outside = 0)
    {
        Tensor x = random.Next(2) == 0 ? random.RandomTensor(shape) : random.RandomIntegers(shape);
        Tensor y = OneNode.Run(op, output, x.Type, x);
        foreach (int[] index in Indices.All(output))
        {
            int[] from = source(index);
            double expected = from.Any(i => i < 0) ? outside : Convert.ToDouble(x.Data.GetValue(Indices.Offset(shape, from)));
            Assert.AreEqual(expected, Convert.ToDouble(y.Data.GetValue(Indices.Offset(output, index))));
        }
    }
}
