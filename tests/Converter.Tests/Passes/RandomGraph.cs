using TinyInference.Converter.Graphs;

namespace Converter.Tests.Passes;

/// <summary>Graphs as an exporter might write them, with everything in them that passes look for.</summary>
internal static class RandomGraph
{
    private static readonly UnaryFunction[] s_unary =
    [
        UnaryFunction.Relu, UnaryFunction.Relu6, UnaryFunction.LeakyRelu, UnaryFunction.Sigmoid, UnaryFunction.Tanh, UnaryFunction.HardSwish,
        UnaryFunction.Neg, UnaryFunction.Abs,
    ];

    private static readonly int[][] s_permutations = [[0, 2, 3, 1], [0, 3, 1, 2], [0, 1, 3, 2], [0, 2, 1, 3], [1, 0, 2, 3], [3, 2, 1, 0], [0, 1, 2, 3]];

    public static Graph Make(int seed)
    {
        var b = new GraphBuilder(seed);
        Random random = b.Random;
        var values = new List<Value> { b.Input(1, random.Next(1, 5), random.Next(1, 7), random.Next(1, 7)) };
        if (random.Next(3) == 0)
        {
            values.Add(b.Input([.. values[0].Shape]));
        }

        int steps = random.Next(2, 14);
        for (int i = 0; i < steps; i++)
        {
            Value x = values[random.Next(Math.Max(0, values.Count - 3), values.Count)];
            values.Add(Step(b, random, values, x));
        }

        Value[] unread = [.. values.Where(v => !v.Name.StartsWith("input") && b.Graph.Consumers()[v].ToArray().Length == 0)];
        return random.Next(4) == 0 && values[^2].Name.StartsWith("value") && !unread.Contains(values[^2])
            ? b.Build([.. unread, values[^2]]) : b.Build(unread);
    }

    private static Value Step(GraphBuilder b, Random random, List<Value> values, Value x)
    {
        if (x.Shape.Rank != 4)
        {
            return random.Next(3) switch
            {
                0 => b.Dense(x, random.Next(1, 6)),
                1 => b.Unary(s_unary[random.Next(s_unary.Length)], x, 0.25f),
                _ => b.Reshape(x, 1, 1, 1, x.Shape.ElementCount),
            };
        }

        int axis = random.Next(4);
        switch (random.Next(20))
        {
            case 0:
            case 1:
                return b.Unary(s_unary[random.Next(s_unary.Length)], x, 0.25f);
            case 2:
            case 3:
                return b.ConvChannelsFirst(x, random.Next(1, 5), RandomWindow(random, x.Shape[2], x.Shape[3]));
            case 4:
                return b.Conv(x, random.Next(1, 5), RandomWindow(random, x.Shape[1], x.Shape[2]));
            case 5:
                return b.Depthwise(x, random.Next(1, 3), RandomWindow(random, x.Shape[1], x.Shape[2]));
            case 6:
            case 7:
            case 8:
                return b.Transpose(x, s_permutations[random.Next(s_permutations.Length)]);
            case 9:
                return b.Binary(RandomFunction(random), x, random.Next(3) switch
                {
                    0 => b.Scalar(random.Next(-1, 3)),
                    1 => b.Constant(x.Shape[3]),
                    _ => b.Constant(1, x.Shape[1], 1, 1),
                });
            case 10:
            case 11:
                Value other = values.FindLast(v => v != x && v.Shape.Equals(x.Shape)) ?? x;
                return b.Binary(RandomFunction(random), x, other);
            case 12:
                other = values.FindLast(v => v != x && v.Shape.Rank == 4 && v.Shape.With(axis, 0).Equals(x.Shape.With(axis, 0))) ?? x;
                return b.Node(new Concat(axis), x.Shape.With(axis, x.Shape[axis] + other.Shape[axis]), x, other);
            case 13:
                int[] before = [0, random.Next(2), random.Next(2), random.Next(5) / 4];
                int[] after = [0, random.Next(2), random.Next(2), random.Next(5) / 4];
                return b.Pad(x, before, after, random.Next(5) / 4);
            case 14:
                int begin = random.Next(x.Shape[axis]);
                var starts = new int[4];
                starts[axis] = begin;
                return b.Node(new Slice(starts, [1, 1, 1, 1]), x.Shape.With(axis, random.Next(1, x.Shape[axis] - begin + 1)), x);
            case 15:
                return random.Next(2) == 0
                    ? b.Node(new Softmax(axis, 1), x.Shape, x)
                    : b.Node(new Reduce(ReduceFunction.Mean, [axis], true), x.Shape.With(axis, 1), x);
            case 16:
                return b.Pool(random.Next(2) == 0 ? PoolFunction.Max : PoolFunction.Average, x, RandomWindow(random, x.Shape[1], x.Shape[2], padding: false));
            case 17:
                return b.BatchNorm(x);
            case 18:
                return b.Reshape(x, random.Next(3) switch
                {
                    0 => [1, x.Shape.ElementCount],
                    1 => [x.Shape[0], x.Shape[1], x.Shape[2] * x.Shape[3], 1],
                    _ => [x.Shape[1], x.Shape[0], x.Shape[3], x.Shape[2]],
                });
            default:
                return b.Node(new Identity(), x.Shape, x);
        }
    }

    private static BinaryFunction RandomFunction(Random random) => random.Next(5) switch
    {
        0 => BinaryFunction.Mul,
        1 => BinaryFunction.Sub,
        2 => BinaryFunction.Min,
        3 => BinaryFunction.Max,
        _ => BinaryFunction.Add,
    };

    private static Window RandomWindow(Random random, int height, int width, bool padding = true)
    {
        int pad = padding ? random.Next(2) : 0;
        return new Window(
            random.Next(1, Math.Min(3, height) + 1), random.Next(1, Math.Min(3, width) + 1), random.Next(1, 3), random.Next(1, 3),
            PadTop: pad, PadBottom: pad, PadLeft: pad, PadRight: pad);
    }
}
