namespace TinyInference.Tests.KernelTests;

[TestClass]
public class LookupTest
{
    [TestMethod]
    public void Random_tables_equal_the_reference() => Dice.Throw(300, dice =>
    {
        int count = dice.Between(1, 300);
        sbyte[] x = dice.Int8s(count);
        sbyte[] table = dice.Int8s(256);
        sbyte[] expected = [.. x.Select(v => table[v + 128])];
        var single = new SingleOperator();
        single.Input([count], x);
        single = dice.Coin() ? single.Output(count) : single.OutputInPlaceOf(0, count);
        CollectionAssert.AreEqual(expected, single.Operator(OperatorKind.Lookup, [], table).Run());
    });
}
