using System.Numerics;

namespace TinyInference.Tests.KernelTests;

[TestClass]
public class LayerNormTest
{
    [TestMethod]
    public void Random_rows_equal_the_reference() => Dice.Throw(1000, dice => Compare(dice, dice.Between(1, 3), dice.Between(1, 70)));

    [TestMethod]
    public void Long_rows_equal_the_reference() => Dice.Throw(12, dice => Compare(dice, 1, dice.Coin() ? dice.Between(200, 5000) : dice.Between(60_000, 65_535)));

    /// <summary>Against double precision: all that is rounded before the end adds up to a small part of a step.</summary>
    [TestMethod]
    public void Results_are_those_of_reals_to_a_twentieth_of_a_step()
    {
        double worst = 0;
        Dice.Throw(1000, dice =>
        {
            int depth = dice.Between(0, 9) == 0 ? dice.Between(1000, 3000) : dice.Between(2, 200);
            sbyte[] x = Row(dice, depth);
            double epsilon = dice.Coin() ? 0 : dice.Between(0, 40);

            // Outputs of about 3 deviations in 127 steps.
            double scale = dice.Between(200, 500) / 10.0;
            int integerBits = IntegerBits(depth);
            int shift = 29 - integerBits - 9;
            int factor = (int)Math.Round(Math.ScaleB(scale, shift + integerBits - 15));
            double mean = x.Average(v => (double)v);
            double deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + epsilon);
            int units = (int)Math.Min(epsilon * depth * depth * 64, int.MaxValue);
            sbyte[] y = Build(x, 1, depth, [1, depth, units, 0, shift, -128, 127], factor, 1 << (shift - 1)).Run();
            if (units == int.MaxValue || deviation == 0)
            {
                return;
            }

            for (int i = 0; i < depth; i++)
            {
                double exact = Math.Clamp((x[i] - mean) / deviation * scale, -128, 127);
                worst = Math.Max(worst, Math.Abs(y[i] - exact) - 0.5);
            }
        });
        Console.WriteLine($"at most {worst:F4} of a step beyond the rounding to int8");
        Assert.IsLessThan(0.05, worst);
    }

    [TestMethod]
    public void A_row_of_equal_elements_gives_the_offsets()
    {
        sbyte[] y = Build([.. Enumerable.Repeat((sbyte)-128, 9)], 1, 9, [1, 9, 0, 0, 4, -128, 127], 30_000, 7 * 16).Run();

        CollectionAssert.AreEqual(Enumerable.Repeat((sbyte)7, 9).ToArray(), y);
    }

    [TestMethod]
    [DataRow(1, 65_536, BlobError.Parameter)]
    [DataRow(1, 0, BlobError.Parameter)]
    [DataRow(2, -1, BlobError.Parameter)]
    [DataRow(3, 32, BlobError.Parameter)]
    [DataRow(4, 31, BlobError.Parameter)]
    [DataRow(6, -129, BlobError.Parameter)]
    [DataRow(0, 3, BlobError.Shape)]
    public void Parameters_out_of_range_are_refused(int index, int value, BlobError error)
    {
        int[] parameters = [2, 4, 0, 0, 4, -128, 127];
        parameters[index] = value;
        Build(new sbyte[8], 2, 4, parameters, 1, 1).IsRefused(error);
    }

    [TestMethod]
    public void A_column_without_factor_is_refused()
    {
        var single = new SingleOperator();
        single.Input([2, 4], new sbyte[8]).Output(2, 4).Operator(OperatorKind.LayerNorm, [2, 4, 0, 0, 4, -128, 127], biases: new int[7]);
        single.IsRefused(BlobError.Weights);
    }

    private static SingleOperator Build(sbyte[] x, int outer, int depth, int[] parameters, int factor, int offset)
    {
        var single = new SingleOperator();
        single.Input([outer, depth], x).Output(outer, depth);
        return single.Operator(OperatorKind.LayerNorm, parameters, biases: [.. Enumerable.Repeat(factor, depth), .. Enumerable.Repeat(offset, depth)]);
    }

    private static void Compare(Dice dice, int outer, int depth)
    {
        (int min, int max) = dice.Clamp();
        int shift = dice.Between(0, 9) == 0 ? dice.Between(0, 30) : dice.Between(14, 20);
        bool huge = dice.Between(0, 9) == 0;
        int[] factors = huge ? dice.Ints(depth, int.MinValue, int.MaxValue - 1) : dice.Ints(depth, -32_768, 32_767);
        int[] offsets = huge ? dice.Ints(depth, int.MinValue, int.MaxValue - 1) : dice.Ints(depth, -(128 << Math.Min(shift, 22)), 127 << Math.Min(shift, 22));
        int epsilon = dice.Between(0, 3) switch
        {
            0 => 0,
            1 => dice.Between(0, int.MaxValue - 1),
            _ => dice.Between(0, 64 * depth),
        };
        int epsilonShift = dice.Between(0, 3) == 0 ? dice.Between(0, 31) : 0;
        sbyte[] x = [.. Enumerable.Range(0, outer).SelectMany(_ => Row(dice, depth))];
        sbyte[] expected = [.. x.Chunk(depth).SelectMany(row => Expected(row, epsilon, epsilonShift, shift, min, max, factors, offsets))];

        var single = new SingleOperator();
        single.Input([outer, depth], x);
        single = dice.Coin() ? single.Output(outer, depth) : single.OutputInPlaceOf(0, outer, depth);
        sbyte[] actual = single.Operator(OperatorKind.LayerNorm, [outer, depth, epsilon, epsilonShift, shift, min, max], biases: [.. factors, .. offsets]).Run();

        CollectionAssert.AreEqual(expected, actual, $"{outer} x {depth}");
    }

    /// <summary>Elements of any spread, around any middle; sometimes all the same but one.</summary>
    private static sbyte[] Row(Dice dice, int depth)
    {
        int around = dice.Between(-128, 127);
        int spread = dice.Between(0, 4) switch
        {
            0 => 0,
            1 => 1,
            _ => dice.Between(2, 255),
        };
        sbyte[] row = [.. dice.Ints(depth, around - (spread / 2), around + (spread / 2)).Select(v => Reference.Clamp(v, -128, 127))];
        if (dice.Between(0, 3) == 0)
        {
            row[dice.Between(0, depth - 1)] = dice.Int8();
        }

        return row;
    }

    private static int IntegerBits(int depth) => Math.Max(4, (int)Math.Ceiling(Math.Log(depth, 4)));

    /// <summary>docs/ARITHMETIC.md, with integers that have no bounds; what has 32 bits is cut to them where it says so.</summary>
    private static IEnumerable<sbyte> Expected(sbyte[] x, int epsilon, int epsilonShift, int shift, int min, int max, int[] factors, int[] offsets)
    {
        BigInteger depth = x.Length;
        BigInteger sum = x.Aggregate(BigInteger.Zero, (s, v) => s + v);
        BigInteger squares = x.Aggregate(BigInteger.Zero, (s, v) => s + (v * v));
        BigInteger variance = BigInteger.Max(1, (64 * ((depth * squares) - (sum * sum))) + ((BigInteger)epsilon << epsilonShift));

        int e = -14;
        while (Scaled(variance, -2 * e) >= 1 << 30)
        {
            e++;
        }

        BigInteger m = Scaled(variance, -2 * e);
        Assert.IsTrue(m >= 1 << 28);
        BigInteger r = 1433893831 - ((m * (1763812404 - ((m * 879699425) >> 30))) >> 30);
        for (int step = 0; step < 2; step++)
        {
            r = (r * ((3 << 29) - ((((r * r) >> 29) * m) >> 30))) >> 30;
        }

        int k = 11 + IntegerBits(x.Length) + e;
        BigInteger a = ((depth * r) + BigInteger.Pow(2, k - 1)) >> k;
        BigInteger b = ((sum * r) + BigInteger.Pow(2, k - 1)) >> k;
        for (int i = 0; i < x.Length; i++)
        {
            BigInteger t = ((x[i] * a) - b + (1 << 14)) >> 15;
            Assert.IsTrue(BigInteger.Abs(t) <= 1 << 15, "a normalized element beyond 16 bits");
            yield return Reference.Clamp(Cut((t * factors[i]) + offsets[i]) >> shift, min, max);
        }
    }

    private static BigInteger Scaled(BigInteger value, int exponent) => exponent < 0 ? value >> -exponent : value << exponent;

    /// <summary>The lowest 32 bits as a two's complement number.</summary>
    private static int Cut(BigInteger value) => unchecked((int)(uint)(value & uint.MaxValue));
}
