namespace TinyInference.Tests.KernelTests;

[TestClass]
public class ResizeNearestTest
{
    [TestMethod]
    public void Random_sources_equal_the_reference() => Dice.Throw(400, dice =>
    {
        int[] xs = [dice.Between(1, 2), dice.Between(1, 6), dice.Between(1, 6), dice.Between(1, 12)];
        int[] ys = [xs[0], dice.Between(1, 9), dice.Between(1, 9), xs[3]];
        int[] rows = dice.Ints(ys[1], 0, xs[1] - 1);
        int[] columns = dice.Ints(ys[2], 0, xs[2] - 1);
        sbyte[] x = dice.Int8s(Reference.Size(xs));
        sbyte[] expected = [.. Reference.Indices(ys).Select(i => x[Reference.At(xs, i[0], rows[i[1]], columns[i[2]], i[3])])];
        sbyte[] actual = new SingleOperator().Input(xs, x).Output(ys).Operator(OperatorKind.ResizeNearest, [], biases: [.. rows, .. columns]).Run();
        CollectionAssert.AreEqual(expected, actual);
    });
}
