using System.Numerics;

namespace TinyInference.Tests.KernelTests;

[TestClass]
public class SoftmaxTest
{
    [TestMethod]
    public void Random_rows_equal_the_reference() => Dice.Throw(1000, dice => Compare(dice, dice.Between(1, 3), dice.Between(1, 40)));

    /// <summary>Where TensorFlow Lite Micro stops with a failed check (a sum of 512 or more), the formula still holds.</summary>
    [TestMethod]
    public void Long_rows_equal_the_reference() => Dice.Throw(20, dice => Compare(dice, 1, dice.Between(500, 4095)));

    [TestMethod]
    public void A_row_that_could_overflow_the_sum_is_refused()
    {
        var single = new SingleOperator();
        single.Input([1, 4096], new sbyte[4096]).Output(1, 4096).Operator(OperatorKind.Softmax, [1, 4096, 1 << 30, 20, -100]);
        single.IsRefused(BlobError.Parameter);
    }

    private static void Compare(Dice dice, int outer, int depth)
    {
        int multiplier = dice.Between(1 << 30, int.MaxValue - 1);
        int leftShift = dice.Between(18, 26);

        // CalculateInputRadius of TensorFlow Lite: what stays within Q5.26 after the shift.
        int diffMin = -(int)Math.Floor(31.0 * (1 << 26) / (1L << leftShift));
        sbyte[] x = dice.Int8s(outer * depth);
        if (dice.Coin())
        {
            int around = dice.Between(-120, 120);
            x = [.. x.Select(v => (sbyte)(around + (v / 20)))];
        }

        var expected = new sbyte[x.Length];
        for (int row = 0; row < outer; row++)
        {
            Row(x.AsSpan(row * depth, depth), expected.AsSpan(row * depth, depth), multiplier, leftShift, diffMin);
        }

        var single = new SingleOperator();
        single.Input([outer, depth], x);
        single = dice.Coin() ? single.Output(outer, depth) : single.OutputInPlaceOf(0, outer, depth);
        CollectionAssert.AreEqual(expected, single.Operator(OperatorKind.Softmax, [outer, depth, multiplier, leftShift, diffMin]).Run());
    }

    private static void Row(Span<sbyte> x, Span<sbyte> y, int multiplier, int leftShift, int diffMin)
    {
        int max = -128;
        foreach (sbyte v in x)
        {
            max = Math.Max(max, v);
        }

        int Rescaled(int difference) => Reference.SaturatingRoundingDoublingHighMul(difference * (1 << leftShift), multiplier);

        int sum = 0;
        foreach (sbyte v in x)
        {
            if (v - max >= diffMin)
            {
                sum += GemmlowpReference.SaturatingRoundingMultiplyByPot(GemmlowpReference.ExpOnNegativeValues(Rescaled(v - max)), -12);
            }
        }

        int headroom = BitOperations.LeadingZeroCount((uint)sum);
        int scale = GemmlowpReference.OneOverOnePlusX((int)(((uint)sum << headroom) - (1u << 31)));
        int exponent = 12 - headroom + 31 - 8;
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = -128;
            if (x[i] - max >= diffMin)
            {
                int exp = GemmlowpReference.ExpOnNegativeValues(Rescaled(x[i] - max));
                int product = Reference.SaturatingRoundingDoublingHighMul(scale, exp);
                int unsaturated = exponent > 31 ? 0 : Reference.RoundingDivideByPot(product, exponent);
                y[i] = Reference.Clamp(unsaturated - 128, -128, 127);
            }
        }
    }
}
