using TinyInference;
using TinyInference.Tests;
using TinyInference.Tests.KernelTests;

namespace Native.Tests;

/// <summary>Blobs of one operator with random shapes, parameters and weights; what goes in is for the caller to choose.</summary>
internal static class RandomOperator
{
    public static byte[] Blob(OperatorKind kind, Dice dice) => (kind switch
    {
        OperatorKind.Conv2D => Conv2D(dice),
        OperatorKind.DepthwiseConv2D => DepthwiseConv2D(dice),
        OperatorKind.FullyConnected => FullyConnected(dice),
        OperatorKind.Add or OperatorKind.Sub => Add(dice, kind),
        OperatorKind.Mul => Mul(dice),
        OperatorKind.AveragePool2D or OperatorKind.MaxPool2D => Pool2D(dice, kind),
        OperatorKind.Mean => Mean(dice),
        OperatorKind.Lookup => Lookup(dice),
        OperatorKind.Softmax => Softmax(dice),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    }).Build();

    private static SingleOperator Conv2D(Dice dice)
    {
        int groups = dice.Between(0, 3) == 0 ? dice.Between(2, 3) : 1;
        int depth = dice.Between(0, 9) == 0 ? dice.Between(30, 80) : dice.Between(1, 9);
        int outputs = groups * (dice.Between(0, 9) == 0 ? dice.Between(60, 80) : dice.Between(1, 12));
        int[] x = [dice.Between(1, 2), dice.Between(1, 7), dice.Between(1, 7), groups * depth];
        int[] p = Window(dice);
        int[] y = [x[0], dice.Between(1, 4), dice.Between(1, 5), outputs];
        bool one = groups == 1 && dice.Between(0, 2) == 0;
        if (one)
        {
            p = dice.Coin() ? [1, 1, p[2], p[3], p[4], p[5], 0, 0] : [dice.Between(1, x[1]), x[2], p[2], p[3], 1, 1, 0, 0];
            y = [x[0], ((x[1] - p[0]) / p[2]) + 1, ((x[2] - p[1]) / p[3]) + 1, outputs];
        }

        int window = p[0] * p[1] * depth;
        bool packed = dice.Between(0, 2) == 0;
        int tile = packed ? dice.Between(1, 9) : 1;
        var single = new SingleOperator();
        single.Input(x, new sbyte[Reference.Size(x)]).Output(y);
        int patch = one ? -1 : single.Blob.Reserve(window * tile);
        single.Blob.Scratch64 = 16 + tile;
        int[] parameters = [.. p, dice.Int8(), .. Result(dice), groups, patch];
        return Weighted(
            single, dice, OperatorKind.Conv2D, packed ? [.. parameters, tile, dice.Between(16, 63)] : parameters, window, outputs, window * outputs, packed ? WeightEncoding.Packed : WeightEncoding.Dense);
    }

    private static SingleOperator DepthwiseConv2D(Dice dice)
    {
        int multiplier = dice.Between(0, 2) == 0 ? dice.Between(2, 9) : 1;
        int channels = dice.Between(0, 3) == 0 ? dice.Between(10, 90) : dice.Between(1, 9);
        int[] x = [dice.Between(1, 2), dice.Between(1, 7), dice.Between(1, 7), channels];
        int[] y = [x[0], dice.Between(1, 5), dice.Between(1, 5), channels * multiplier];
        int[] p = Window(dice);
        bool packed = multiplier == 1 && dice.Between(0, 2) == 0;
        if (packed)
        {
            p = [3, 3, p[2], p[3], 1, 1, p[6], p[7]];
        }
        else if (dice.Between(0, 19) == 0)
        {
            p[0] = dice.Between(10, 30);
        }

        var single = new SingleOperator();
        single.Input(x, new sbyte[Reference.Size(x)]).Output(y);
        return Weighted(
            single, dice, OperatorKind.DepthwiseConv2D, [.. p, dice.Int8(), .. Result(dice), multiplier], p[0] * p[1], y[3], p[0] * p[1] * y[3], packed ? WeightEncoding.Packed : WeightEncoding.Dense);
    }

    private static SingleOperator FullyConnected(Dice dice)
    {
        int rows = dice.Between(1, 3);
        int length = dice.Between(1, 70);
        int outputs = dice.Between(0, 9) == 0 ? dice.Between(60, 140) : dice.Between(1, 20);
        var single = new SingleOperator();
        single.Input([rows, length], new sbyte[rows * length]).Output(rows, outputs);
        return Weighted(single, dice, OperatorKind.FullyConnected, [length, .. Result(dice)], length, outputs, length * outputs, WeightEncoding.Dense);
    }

    /// <summary>Kernel, stride, dilation and padding of the convolutions.</summary>
    private static int[] Window(Dice dice) =>
    [
        dice.Between(1, 4), dice.Between(1, 4), dice.Between(1, 3), dice.Between(1, 3), dice.Between(1, 2), dice.Between(1, 2), dice.Between(0, 3), dice.Between(0, 3),
    ];

    /// <summary>Zero point and limits of the result.</summary>
    private static int[] Result(Dice dice)
    {
        (int min, int max) = dice.Clamp();
        return [dice.Int8(), min, max];
    }

    /// <summary>An operator with weights and quantization. Sums beyond 32 bits wrap, in plain kernels alone: sometimes the biases bring them there.</summary>
    private static SingleOperator Weighted(SingleOperator single, Dice dice, OperatorKind kind, int[] parameters, int terms, int outputs, int weights, int encoding)
    {
        int quantization = dice.Coin() ? 1 : outputs;
        int bits = 13 + (int)(Math.Log2(terms) / 2);
        bool huge = encoding == WeightEncoding.Dense && dice.Between(0, 19) == 0;
        int[] biases = huge ? [.. dice.Ints(outputs, 0, 1).Select(b => b == 0 ? int.MinValue : int.MaxValue)] : dice.Ints(outputs, -30000, 30000);
        return single.Operator(
            kind,
            parameters,
            dice.Int8s(weights),
            biases,
            [.. Enumerable.Range(0, quantization).Select(_ => dice.Multiplier())],
            [.. Enumerable.Range(0, quantization).Select(_ => dice.Shift(bits))],
            encoding);
    }

    private static SingleOperator Add(Dice dice, OperatorKind kind)
    {
        int leftShift = dice.Between(0, 4) == 0 ? dice.Between(0, 22) : 20;
        int[] Operand() => [dice.Int8(), dice.Multiplier(), dice.Between(0, 9) == 0 ? dice.Between(-31, 0) : dice.Between(-6, 0)];
        int[] parameters = [leftShift, .. Operand(), .. Operand(), dice.Int8(), dice.Multiplier(), dice.Shift(leftShift + 6, 0), .. Result(dice)[1..]];
        return Elementwise(dice, kind, parameters, -(1 << 28), 1 << 28);
    }

    private static SingleOperator Mul(Dice dice)
        => Elementwise(dice, OperatorKind.Mul, [dice.Int8(), dice.Int8(), dice.Int8(), dice.Multiplier(), dice.Shift(14), .. Result(dice)[1..]], -255, 255);

    private static SingleOperator Elementwise(Dice dice, OperatorKind kind, int[] parameters, int least, int most)
    {
        bool constant = dice.Between(0, 2) == 0;
        bool inPlace = dice.Coin();
        BroadcastCase c = BroadcastCase.Random(dice, inPlace);
        var single = new SingleOperator();
        single.Input(c.A, new sbyte[Reference.Size(c.A)]);
        if (!constant)
        {
            single.Input(c.B, new sbyte[Reference.Size(c.B)]);
        }

        single = inPlace ? single.OutputInPlaceOf(0, c.Y) : single.Output(c.Y);
        return single.Operator(kind, [.. parameters, .. c.Parameters], biases: constant ? dice.Ints(Reference.Size(c.B), least, most) : null);
    }

    private static SingleOperator Pool2D(Dice dice, OperatorKind kind)
    {
        int[] x = [dice.Between(1, 2), dice.Between(1, 9), dice.Between(1, 9), dice.Between(1, 9)];
        (int kernelH, int strideH, int padTop, int outH) = PoolAxis(dice, x[1]);
        (int kernelW, int strideW, int padLeft, int outW) = PoolAxis(dice, x[2]);
        return new SingleOperator().Input(x, new sbyte[Reference.Size(x)]).Output(x[0], outH, outW, x[3])
            .Operator(kind, [kernelH, kernelW, strideH, strideW, padTop, padLeft, .. Result(dice)[1..]]);
    }

    private static (int Kernel, int Stride, int Pad, int Output) PoolAxis(Dice dice, int extent)
    {
        int kernel = dice.Between(1, 10);
        int stride = dice.Between(1, 3);
        int pad = dice.Between(0, kernel - 1);
        return (kernel, stride, pad, dice.Between(1, ((extent - 1 + pad) / stride) + 1));
    }

    private static SingleOperator Mean(Dice dice)
    {
        int[] x = dice.Ints(dice.Between(1, 4), 1, 7);
        bool[] reduced = [.. x.Select(_ => dice.Coin())];
        int[] strides = Reference.Strides(x);
        int[] kept = [.. Enumerable.Range(0, x.Length).Where(d => !reduced[d])];
        int[] summed = [.. Enumerable.Range(0, x.Length).Where(d => reduced[d])];
        int[] y = [.. kept.Select(d => x[d])];
        int shift = dice.Between(0, 9) == 0 ? dice.Between(-31, 20) : dice.Between(-3, 3);
        return new SingleOperator().Input(x, new sbyte[Reference.Size(x)]).Output(y).Operator(
            OperatorKind.Mean,
            [
                dice.Int8(), dice.Int8(), dice.Multiplier(), shift, .. Result(dice)[1..],
                y.Length, .. y, .. kept.Select(d => strides[d]), summed.Length, .. summed.Select(d => x[d]), .. summed.Select(d => strides[d]),
            ]);
    }

    private static SingleOperator Lookup(Dice dice)
    {
        int[] x = dice.Ints(dice.Between(0, 4), 1, 5);
        SingleOperator single = new SingleOperator().Input(x, new sbyte[Reference.Size(x)]);
        return (dice.Coin() ? single.Output(x) : single.OutputInPlaceOf(0, x)).Operator(OperatorKind.Lookup, [], dice.Int8s(256));
    }

    /// <summary>Mostly as converters make it; sometimes with any parameters that a blob may have.</summary>
    private static SingleOperator Softmax(Dice dice)
    {
        int outer = dice.Between(1, 3);
        int depth = dice.Between(1, 40);
        bool wild = dice.Between(0, 4) == 0;
        int leftShift = wild ? dice.Between(0, 30) : dice.Between(18, 26);
        int least = wild ? -dice.Between(0, int.MaxValue - 1) : -(int)Math.Floor(31.0 * (1 << 26) / (1L << leftShift));
        SingleOperator single = new SingleOperator().Input([outer, depth], new sbyte[outer * depth]);
        single = dice.Coin() ? single.Output(outer, depth) : single.OutputInPlaceOf(0, outer, depth);
        return single.Operator(OperatorKind.Softmax, [outer, depth, dice.Multiplier(), leftShift, least]);
    }
}
