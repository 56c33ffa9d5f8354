namespace TinyInference.Tests.KernelTests;

[TestClass]
public class ConcatenationTest
{
    [TestMethod]
    public void Random_joins_equal_the_reference() => Dice.Throw(400, dice =>
    {
        int outer = dice.Between(1, 5);
        int[] inner = dice.Ints(dice.Between(1, 5), 1, 20);
        var single = new SingleOperator();
        var rows = Enumerable.Range(0, outer).Select(_ => new List<sbyte>()).ToArray();
        foreach (int count in inner)
        {
            sbyte[] x = dice.Int8s(outer * count);
            single.Input([outer, count], x);
            for (int row = 0; row < outer; row++)
            {
                rows[row].AddRange(x[(row * count)..((row + 1) * count)]);
            }
        }

        sbyte[] actual = single.Output(outer, inner.Sum()).Operator(OperatorKind.Concatenation, [outer, .. inner]).Run();
        CollectionAssert.AreEqual(rows.SelectMany(row => row).ToArray(), actual);
    });
}
