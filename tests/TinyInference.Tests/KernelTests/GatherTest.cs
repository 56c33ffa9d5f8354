namespace TinyInference.Tests.KernelTests;

[TestClass]
public class GatherTest
{
    [TestMethod]
    public void Random_slices_equal_the_reference() => Dice.Throw(400, dice =>
    {
        int outer = dice.Between(1, 4);
        int axis = dice.Between(1, 9);
        int inner = dice.Between(1, 12);
        int count = dice.Between(1, 9);
        bool constant = dice.Coin();
        int[] indices = dice.Ints(count, 0, axis - 1);
        sbyte[] data = dice.Int8s(outer * axis * inner);
        sbyte[] expected = [.. Reference.Indices([outer, count, inner]).Select(i => data[Reference.At([outer, axis, inner], i[0], indices[i[1]], i[2])])];

        var single = new SingleOperator();
        single.Input([outer, axis, inner], data);
        if (!constant)
        {
            single.Input([count], indices);
        }

        sbyte[] actual = single.Output(outer, count, inner)
            .Operator(OperatorKind.Gather, [outer, axis, inner, count], biases: constant ? indices : null).Run();
        CollectionAssert.AreEqual(expected, actual);
    });

    [TestMethod]
    [DataRow(-1, 4)]
    [DataRow(-5, 0)]
    [DataRow(-6, 0)]
    [DataRow(5, 4)]
    [DataRow(int.MinValue, 0)]
    [DataRow(int.MaxValue, 4)]
    public void Indices_of_a_tensor_count_from_the_end_and_stop_at_the_ends(int index, int taken)
    {
        sbyte[] y = new SingleOperator().Input([5], new sbyte[] { 0, 1, 2, 3, 4 }).Input([1], [index]).Output(1)
            .Operator(OperatorKind.Gather, [1, 5, 1, 1]).Run();
        Assert.AreEqual(taken, y[0]);
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(5)]
    public void A_constant_index_outside_is_refused(int index)
    {
        var single = new SingleOperator();
        single.Input([5], new sbyte[5]).Output(1).Operator(OperatorKind.Gather, [1, 5, 1, 1], biases: [index]);
        single.IsRefused(BlobError.Parameter);
    }
}
