namespace TinyInference.Tests.KernelTests;

[TestClass]
public class PadTest
{
    [TestMethod]
    public void Random_pads_equal_the_reference() => Dice.Throw(600, dice =>
    {
        int[] xs = dice.Ints(dice.Between(0, 5), 1, 5);
        int[] before = [.. xs.Select(_ => dice.Coin() ? dice.Between(0, 2) : 0)];
        int[] ys = [.. xs.Select((d, i) => d + before[i] + (dice.Coin() ? dice.Between(0, 2) : 0))];
        sbyte value = dice.Int8();
        sbyte[] x = dice.Int8s(Reference.Size(xs));
        var expected = new sbyte[Reference.Size(ys)];
        Array.Fill(expected, value);
        foreach (int[] at in Reference.Indices(xs))
        {
            expected[Reference.At(ys, [.. at.Select((n, d) => n + before[d])])] = x[Reference.At(xs, at)];
        }

        sbyte[] actual = new SingleOperator().Input(xs, x).Output(ys).Operator(OperatorKind.Pad, [value, .. before]).Run();
        CollectionAssert.AreEqual(expected, actual, $"{string.Join('x', xs)} to {string.Join('x', ys)}");
    });
}
