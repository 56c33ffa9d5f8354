namespace TinyInference.Tests.KernelTests;

/// <summary>The kinds whose scale is chosen for each input, against docs/ARITHMETIC.md computed in 64 bits.</summary>
[TestClass]
public class DynamicScaleTest
{
    [TestMethod]
    public void Random_layers_equal_the_reference() => Dice.Throw(200, dice =>
    {
        int rows = dice.Between(1, 3);
        int depth = dice.Between(1, 20);
        int outputs = dice.Between(1, 9);
        int zpY = dice.Between(0, 1) * -128;
        sbyte[] x = dice.Int8s(rows * depth);
        sbyte[] weights = dice.Int8s(outputs * depth);
        int[] biases = dice.Ints(2 * outputs, -4000, 4000);
        int[] multipliers = dice.Ints(outputs, 1 << 30, int.MaxValue - 1);
        int[] shifts = dice.Ints(outputs, -8, 3);
        int exponent = dice.Between(0, 15);
        int least = zpY == 0 ? -(1 << 29) : 0;
        int most = dice.Between(0, 3) == 0 ? 3000 : 1 << 29;
        long[] results = [.. Enumerable.Range(0, rows * outputs).Select(i =>
        {
            int o = i % outputs;
            long sum = biases[o] + Divide(biases[outputs + o], exponent);
            for (int k = 0; k < depth; k++)
            {
                sum += x[(i / outputs * depth) + k] * weights[(o * depth) + k];
            }

            return Math.Clamp(Scale(sum, multipliers[o], shifts[o] + exponent), least, most);
        })];

        Ran run = Run([rows, depth], x, exponent, [rows, outputs], OperatorKind.DynamicFullyConnected, [depth, zpY, least, most], rows * outputs, weights, biases, multipliers, shifts);
        AssertStored(results, zpY, run);
    });

    [TestMethod]
    public void Random_convolutions_equal_the_reference() => Dice.Throw(200, dice =>
    {
        int groups = dice.Between(1, 3);
        int inputs = groups * dice.Between(1, 3);
        int outputs = groups * dice.Between(1, 3);
        int kernel = dice.Between(1, 3);
        int stride = dice.Between(1, 2);
        int pad = dice.Between(0, kernel - 1);
        int size = dice.Between(kernel, 6);
        int places = ((size + (2 * pad) - kernel) / stride) + 1;
        int zpX = dice.Int8();
        int window = kernel * kernel * inputs / groups;
        sbyte[] x = dice.Int8s(size * size * inputs);
        sbyte[] weights = dice.Int8s(outputs * window);
        int[] biases = dice.Ints(2 * outputs, -4000, 4000);
        int[] multipliers = dice.Ints(1, 1 << 30, int.MaxValue - 1);
        int[] shifts = dice.Ints(1, -8, 3);
        int exponent = dice.Between(0, 15);
        long[] results = [.. Reference.Indices([places, places, outputs]).Select(at =>
        {
            int o = at[2];
            long sum = biases[o] + Divide(biases[outputs + o], exponent);
            for (int i = 0; i < window; i++)
            {
                int c = (i % (inputs / groups)) + (o / (outputs / groups) * (inputs / groups));
                int row = (at[0] * stride) - pad + (i / (inputs / groups) / kernel);
                int column = (at[1] * stride) - pad + (i / (inputs / groups) % kernel);
                bool inside = row >= 0 && row < size && column >= 0 && column < size;
                sum += weights[(o * window) + i] * (inside ? x[(((row * size) + column) * inputs) + c] : zpX);
            }

            return Math.Clamp(Scale(sum, multipliers[0], shifts[0] + exponent), 0, 1 << 29);
        })];

        Ran run = Run(
            [1, size, size, inputs], x, exponent, [1, places, places, outputs], OperatorKind.DynamicConv2D,
            [kernel, kernel, stride, stride, 1, 1, pad, pad, zpX, -128, 0, 1 << 29, groups, 0], places * places * outputs, weights, biases, multipliers, shifts, patch: window);
        AssertStored(results, -128, run);
    });

    [TestMethod]
    public void Random_averages_equal_the_reference() => Dice.Throw(100, dice =>
    {
        int kernel = dice.Between(1, 3);
        int stride = dice.Between(1, 2);
        int size = dice.Between(kernel, 6);
        int places = ((size - kernel) / stride) + 1;
        int channels = dice.Between(1, 4);
        int zpX = dice.Int8();
        int exponent = dice.Between(0, 15);
        int multiplier = dice.Multiplier();
        int shift = dice.Between(-10, 0);
        sbyte[] x = dice.Int8s(size * size * channels);
        long[] results = [.. Reference.Indices([places, places, channels]).Select(at =>
        {
            long sum = 0;
            for (int i = 0; i < kernel * kernel; i++)
            {
                sum += x[(((((at[0] * stride) + (i / kernel)) * size) + (at[1] * stride) + (i % kernel)) * channels) + at[2]] - zpX;
            }

            return Scale(sum, multiplier, shift + exponent);
        })];

        Ran run = Run(
            [1, size, size, channels], x, exponent, [1, places, places, channels], OperatorKind.DynamicAveragePool2D,
            [kernel, kernel, stride, stride, zpX, 0, multiplier, shift, -(1 << 29), 1 << 29], places * places * channels);
        AssertStored(results, 0, run);
    });

    [TestMethod]
    public void Random_sums_equal_the_reference() => Dice.Throw(100, dice =>
    {
        sbyte[] a = dice.Int8s(12);
        sbyte[] b = dice.Int8s(12);
        int[] p = [dice.Int8(), dice.Multiplier(), dice.Between(-6, 6), dice.Int8(), dice.Multiplier(), dice.Between(-6, 6), 0, -(1 << 29), 1 << 29];
        int exponentA = dice.Between(0, 15);
        int exponentB = dice.Between(0, 15);
        long[] results = [.. a.Zip(b, (x, y) => Scale(x - p[0], p[1], p[2] + exponentA) + Scale(y - p[3], p[4], p[5] + exponentB)).Select(r => Math.Clamp(r, -(1 << 29), 1 << 29))];

        var blob = new BlobBuilder { Scratch32 = 12 };
        int ta = blob.AddTensor(TensorType.Int8, 12);
        int tb = blob.AddTensor(TensorType.Int8, 12);
        int ea = blob.AddState(TensorType.Int8, 1);
        int eb = blob.AddState(TensorType.Int8, 1);
        int ey = blob.AddState(TensorType.Int8, 1);
        int ty = blob.AddTensor(TensorType.Int8, 12);
        blob.AddOperator(new OperatorRecord(OperatorKind.DynamicAdd, [ta, ea, tb, eb, ey], [ty]) { Parameters = p });
        AssertStored(results, 0, Run(blob.Build([ta, tb], [ty, ey]), [a, b], [(2, exponentA), (3, exponentB)]));
    });

    [TestMethod]
    public void A_fixed_scale_clamps() => Dice.Throw(100, dice =>
    {
        sbyte[] x = dice.Int8s(9);
        int[] p = [dice.Int8(), dice.Multiplier(), dice.Between(-20, 2), dice.Int8(), -100, 90];
        int exponent = dice.Between(0, 15);
        var blob = new BlobBuilder();
        int tx = blob.AddTensor(TensorType.Int8, 9);
        int ex = blob.AddState(TensorType.Int8, 1);
        int ty = blob.AddTensor(TensorType.Int8, 9);
        blob.AddOperator(new OperatorRecord(OperatorKind.FixScale, [tx, ex], [ty]) { Parameters = p });
        sbyte[] expected = [.. x.Select(v => (sbyte)Math.Clamp(Scale(v - p[0], p[1], p[2] + exponent) + p[3], p[4], p[5]))];
        CollectionAssert.AreEqual(expected, Run(blob.Build([tx], [ty]), [x], [(1, exponent)]).Output);
    });

    [TestMethod]
    public void An_exponent_that_is_no_state_is_refused()
    {
        var blob = new BlobBuilder();
        int tx = blob.AddTensor(TensorType.Int8, 9);
        int ex = blob.AddTensor(TensorType.Int8, 1);
        int ty = blob.AddTensor(TensorType.Int8, 9);
        blob.AddOperator(new OperatorRecord(OperatorKind.FixScale, [tx, ex], [ty]) { Parameters = [0, 1 << 30, 0, 0, -128, 127] });
        Assert.AreEqual(BlobError.Shape, Assert.ThrowsExactly<BlobException>(() => Model.Load(blob.Build([tx, ex], [ty]))).Error);
    }

    private sealed record Ran(sbyte[] Output, int Exponent);

    private static Ran Run(
        int[] xShape, sbyte[] x, int exponent, int[] yShape, OperatorKind kind, int[] parameters, int scratch,
        sbyte[]? weights = null, int[]? biases = null, int[]? multipliers = null, int[]? shifts = null, int patch = 0)
    {
        var blob = new BlobBuilder { Scratch32 = scratch };
        int tx = blob.AddTensor(TensorType.Int8, xShape);
        int ex = blob.AddState(TensorType.Int8, 1);
        int ey = blob.AddState(TensorType.Int8, 1);
        int ty = blob.AddTensor(TensorType.Int8, yShape);
        if (patch > 0)
        {
            parameters[13] = blob.Reserve(patch);
        }

        blob.AddOperator(new OperatorRecord(kind, [tx, ex, ey], [ty])
        {
            Parameters = parameters,
            Weights = weights ?? [],
            Biases = biases ?? [],
            Multipliers = multipliers ?? [],
            Shifts = shifts ?? [],
        });
        return Run(blob.Build([tx], [ty, ey]), [x], [(1, exponent)]);
    }

    private static Ran Run(byte[] blob, sbyte[][] inputs, (int Tensor, int Exponent)[] exponents)
    {
        Model model = Model.Load(blob);
        var session = new Session(model);
        for (int i = 0; i < inputs.Length; i++)
        {
            session.SetInput(i, inputs[i]);
        }

        foreach ((int tensor, int exponent) in exponents)
        {
            session.Arena[model.Tensors[tensor].ArenaOffset] = (sbyte)exponent;
        }

        session.Run();
        var output = new sbyte[model.Outputs[0].ByteCount];
        session.GetOutput(0, output);
        return new Ran(output, model.Outputs.Length > 1 ? session.Arena[model.Outputs[1].ArenaOffset] : 0);
    }

    /// <summary>The exponent is the least that holds all results, and the outputs are the results divided by it.</summary>
    private static void AssertStored(long[] results, int zpY, Ran run)
    {
        bool Fits(int exponent) => results.All(r => Divide(r, exponent) + zpY is >= -128 and <= 127 || (r == 0));
        Assert.IsTrue(run.Exponent == 15 || Fits(run.Exponent), $"{run.Exponent} does not hold {results.Min()} to {results.Max()}");
        Assert.IsTrue(run.Exponent == 0 || !Fits(run.Exponent - 1), $"{run.Exponent} is larger than needed");
        CollectionAssert.AreEqual(results.Select(r => (sbyte)Math.Clamp(Divide(r, run.Exponent) + zpY, -128, 127)).ToArray(), run.Output);
    }

    private static long Divide(long x, int exponent) => exponent == 0 ? x : (x + (1L << (exponent - 1)) - (x < 0 ? 1 : 0)) >> exponent;

    private static long Scale(long x, int multiplier, int shift) => Math.Clamp(((x * multiplier) + (1L << (30 - shift))) >> (31 - shift), -(1 << 29), 1 << 29);
}
