namespace TinyInference.Tests.KernelTests;

[TestClass]
public class MulTest
{
    [TestMethod]
    public void Random_products_equal_the_reference() => Dice.Throw(600, dice => Compare(dice, inPlace: false));

    [TestMethod]
    public void Works_in_place() => Dice.Throw(300, dice => Compare(dice, inPlace: true));

    private static void Compare(Dice dice, bool inPlace)
    {
        bool constant = dice.Between(0, 2) == 0;
        BroadcastCase c = BroadcastCase.Random(dice, inPlace);
        sbyte[] a = dice.Int8s(Reference.Size(c.A));
        sbyte[] b = dice.Int8s(Reference.Size(c.B));
        int zpA = dice.Int8();
        int zpB = dice.Int8();
        int zpY = dice.Int8();
        int multiplier = dice.Multiplier();
        int shift = dice.Shift(14);
        (int min, int max) = dice.Clamp();

        var expected = new sbyte[c.IndexA.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            int product = (a[c.IndexA[i]] - zpA) * (b[c.IndexB[i]] - zpB);
            expected[i] = Reference.Clamp(unchecked(Reference.MultiplyByQuantizedMultiplier(product, multiplier, shift) + zpY), min, max);
        }

        var single = new SingleOperator();
        single.Input(c.A, a);
        if (!constant)
        {
            single.Input(c.B, b);
        }

        single = inPlace ? single.OutputInPlaceOf(0, c.Y) : single.Output(c.Y);
        single.Operator(
            OperatorKind.Mul, [zpA, zpB, zpY, multiplier, shift, min, max, .. c.Parameters], biases: constant ? [.. b.Select(x => x - zpB)] : null);
        CollectionAssert.AreEqual(expected, single.Run(), $"{string.Join('x', c.A)} and {string.Join('x', c.B)}, constant {constant}");
    }
}
