namespace TinyInference.Tests.KernelTests;

[TestClass]
public class ArgMaxTest
{
    [TestMethod]
    public void Random_rows_equal_the_reference() => Dice.Throw(500, dice =>
    {
        int outer = dice.Between(1, 4);
        int axis = dice.Between(1, 300);
        int inner = dice.Between(1, 4);
        bool smallest = dice.Coin();
        bool last = dice.Coin();
        sbyte[] x = [.. dice.Int8s(outer * axis * inner).Select(v => dice.Coin() ? v : (sbyte)(v < 0 ? -128 : 127))];
        int[] expected = [.. Reference.Indices([outer, inner]).Select(i =>
        {
            int[] values = [.. Enumerable.Range(0, axis).Select(a => (int)x[Reference.At([outer, axis, inner], i[0], a, i[1])])];
            int best = smallest ? values.Min() : values.Max();
            return last ? Array.LastIndexOf(values, best) : Array.IndexOf(values, best);
        })];

        sbyte[] actual = new SingleOperator().Input([outer, axis, inner], x).Output(TensorType.Int32, outer, inner)
            .Operator(OperatorKind.ArgMax, [outer, axis, inner, smallest ? -1 : 1, last ? 1 : 0]).Run();
        CollectionAssert.AreEqual(expected.SelectMany(BitConverter.GetBytes).Select(b => (sbyte)b).ToArray(), actual);
    });
}
