namespace TinyInference.Tests.KernelTests;

[TestClass]
public class BatchMatMulTest
{
    [TestMethod]
    public void Random_products_equal_the_reference() => Dice.Throw(400, dice =>
    {
        int batches = dice.Between(1, 3);
        int m = dice.Between(1, 6);
        int k = dice.Between(1, 20);
        int n = dice.Between(1, 100);
        int broadcastA = dice.Between(0, 1);
        int broadcastB = dice.Between(0, 1);
        int zpA = dice.Int8();
        int zpB = dice.Int8();
        int zpY = dice.Int8();
        (int min, int max) = dice.Clamp();
        int multiplier = dice.Multiplier();
        int shift = dice.Shift(15);
        int[] sa = [broadcastA == 1 ? 1 : batches, m, k];
        int[] sb = [broadcastB == 1 ? 1 : batches, k, n];
        sbyte[] a = dice.Int8s(Reference.Size(sa));
        sbyte[] b = dice.Int8s(Reference.Size(sb));
        sbyte[] expected = [.. Reference.Indices([batches, m, n]).Select(i =>
        {
            int sum = 0;
            for (int j = 0; j < k; j++)
            {
                sum += (a[Reference.At(sa, i[0] % sa[0], i[1], j)] - zpA) * (b[Reference.At(sb, i[0] % sb[0], j, i[2])] - zpB);
            }

            return Reference.Clamp(unchecked(Reference.MultiplyByQuantizedMultiplier(sum, multiplier, shift) + zpY), min, max);
        })];

        sbyte[] actual = new SingleOperator().Input(sa, a).Input(sb, b).Output(batches, m, n).Operator(
            OperatorKind.BatchMatMul,
            [batches, m, k, n, zpA, zpB, zpY, min, max, broadcastA, broadcastB],
            multipliers: [multiplier],
            shifts: [shift]).Run();
        CollectionAssert.AreEqual(expected, actual);
    });
}
