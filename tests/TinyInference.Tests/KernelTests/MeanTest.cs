using System.Numerics;

namespace TinyInference.Tests.KernelTests;

[TestClass]
public class MeanTest
{
    [TestMethod]
    public void Random_means_equal_the_reference() => Dice.Throw(600, dice =>
    {
        int[] xs = dice.Ints(dice.Between(1, 4), 1, 7);
        bool[] reduced = [.. xs.Select(_ => dice.Coin())];
        int[] strides = Reference.Strides(xs);
        int[] keptAxes = [.. Enumerable.Range(0, xs.Length).Where(d => !reduced[d])];
        int[] reducedAxes = [.. Enumerable.Range(0, xs.Length).Where(d => reduced[d])];
        int[] ys = [.. keptAxes.Select(d => xs[d])];
        int zpX = dice.Int8();
        int zpY = dice.Int8();
        int multiplier = dice.Multiplier();
        int shift = dice.Between(0, 9) == 0 ? dice.Between(-31, 20) : dice.Between(-3, 3);
        (int min, int max) = dice.Clamp();
        sbyte[] x = dice.Int8s(Reference.Size(xs));

        var sums = new int[Reference.Size(ys)];
        int i = 0;
        foreach (int[] at in Reference.Indices(xs))
        {
            sums[Reference.At(ys, [.. keptAxes.Select(d => at[d])])] += x[i++];
        }

        // As QuantizedMeanOrSum of TensorFlow Lite has it.
        long terms = x.Length / sums.Length;
        int up = Math.Min(Math.Min(63 - BitOperations.LeadingZeroCount((ulong)terms), 32), 31 + shift);
        int scaled = (int)(((long)multiplier << up) / terms);
        sbyte[] expected = [.. sums.Select(sum => Reference.Clamp(
            unchecked(Reference.MultiplyByQuantizedMultiplier((int)(sum - (zpX * terms)), scaled, shift - up) + zpY), min, max))];

        sbyte[] actual = new SingleOperator().Input(xs, x).Output(ys).Operator(
            OperatorKind.Mean,
            [
                zpX, zpY, multiplier, shift, min, max,
                ys.Length, .. ys, .. keptAxes.Select(d => strides[d]),
                reducedAxes.Length, .. reducedAxes.Select(d => xs[d]), .. reducedAxes.Select(d => strides[d]),
            ]).Run();
        CollectionAssert.AreEqual(expected, actual, string.Join('x', xs));
    });

    [TestMethod]
    public void A_walk_beyond_the_input_is_refused()
    {
        var single = new SingleOperator();
        single.Input([4, 3], new sbyte[12]).Output(4).Operator(OperatorKind.Mean, [0, 0, 1 << 30, 0, -128, 127, 1, 4, 3, 1, 4, 1]);
        single.IsRefused(BlobError.Parameter);
    }
}
