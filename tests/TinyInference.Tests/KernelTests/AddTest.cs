namespace TinyInference.Tests.KernelTests;

[TestClass]
public class AddTest
{
    [TestMethod]
    public void Random_sums_and_differences_equal_the_reference() => Dice.Throw(600, dice => Compare(dice, inPlace: false));

    [TestMethod]
    public void Works_in_place() => Dice.Throw(300, dice => Compare(dice, inPlace: true));

    private static void Compare(Dice dice, bool inPlace)
    {
        bool constant = dice.Between(0, 2) == 0;
        bool subtract = dice.Coin();
        BroadcastCase c = BroadcastCase.Random(dice, inPlace);
        sbyte[] a = dice.Int8s(Reference.Size(c.A));
        sbyte[] b = dice.Int8s(Reference.Size(c.B));
        int leftShift = dice.Between(0, 4) == 0 ? dice.Between(0, 22) : 20;
        (int zp, int multiplier, int shift) qa = (dice.Int8(), dice.Multiplier(), dice.Between(-6, 0));
        (int zp, int multiplier, int shift) qb = (dice.Int8(), dice.Multiplier(), dice.Between(-6, 0));
        (int zp, int multiplier, int shift) qy = (dice.Int8(), dice.Multiplier(), dice.Shift(leftShift + 6, 0));
        (int min, int max) = dice.Clamp();

        int Scaled(sbyte x, (int Zp, int Multiplier, int Shift) q)
            => Reference.MultiplyByQuantizedMultiplier((x - q.Zp) * (1 << leftShift), q.Multiplier, q.Shift);

        var expected = new sbyte[c.IndexA.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            int scaledA = Scaled(a[c.IndexA[i]], qa);
            int scaledB = Scaled(b[c.IndexB[i]], qb);
            int sum = subtract ? scaledA - scaledB : scaledA + scaledB;
            expected[i] = Reference.Clamp(Reference.MultiplyByQuantizedMultiplier(sum, qy.multiplier, qy.shift) + qy.zp, min, max);
        }

        var single = new SingleOperator();
        single.Input(c.A, a);
        if (!constant)
        {
            single.Input(c.B, b);
        }

        single = inPlace ? single.OutputInPlaceOf(0, c.Y) : single.Output(c.Y);
        single.Operator(
            subtract ? OperatorKind.Sub : OperatorKind.Add,
            [
                leftShift, qa.zp, qa.multiplier, qa.shift, qb.zp, qb.multiplier, qb.shift, qy.zp, qy.multiplier, qy.shift, min, max,
                .. c.Parameters,
            ],
            biases: constant ? [.. b.Select(x => Scaled(x, qb))] : null);
        CollectionAssert.AreEqual(expected, single.Run(), $"{string.Join('x', c.A)} and {string.Join('x', c.B)}, constant {constant}");
    }
}
