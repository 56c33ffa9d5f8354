namespace TinyInference.Tests.KernelTests;

[TestClass]
public class StridedCopyTest
{
    [TestMethod]
    public void Random_transposed_slices_equal_the_reference() => Dice.Throw(600, dice =>
    {
        int[] xs = dice.Ints(dice.Between(0, 4), 1, 9);
        int[] strides = Reference.Strides(xs);
        int[] begin = [.. xs.Select(d => dice.Between(0, d - 1))];
        int[] step = [.. xs.Select(_ => dice.Coin() ? 1 : dice.Between(0, 2) == 0 ? -1 : dice.Between(-3, 3) is var s && s != 0 ? s : 2)];
        int[] counts = [.. xs.Select((d, i) => dice.Between(1, 1 + ((step[i] > 0 ? d - 1 - begin[i] : begin[i]) / Math.Abs(step[i]))))];
        int[] order = [.. Enumerable.Range(0, xs.Length).OrderBy(_ => dice.Between(0, 1000))];
        int[] ys = [.. order.Select(d => counts[d])];
        sbyte[] x = dice.Int8s(Reference.Size(xs));
        var expected = new sbyte[Reference.Size(ys)];
        foreach (int[] at in Reference.Indices(ys))
        {
            var source = new int[xs.Length];
            for (int i = 0; i < order.Length; i++)
            {
                source[order[i]] = begin[order[i]] + (at[i] * step[order[i]]);
            }

            expected[Reference.At(ys, at)] = x[Reference.At(xs, source)];
        }

        sbyte[] actual = new SingleOperator().Input(xs, x).Output(ys)
            .Operator(OperatorKind.StridedCopy, [Reference.At(xs, begin), ys.Length, .. ys, .. order.Select(d => strides[d] * step[d])]).Run();
        CollectionAssert.AreEqual(expected, actual);
    });

    [TestMethod]
    [DataRow(0, -1, DisplayName = "before the first element")]
    [DataRow(2, 1, DisplayName = "behind the last element")]
    public void A_walk_beyond_the_input_is_refused(int offset, int stride)
    {
        var single = new SingleOperator();
        single.Input([4], new sbyte[4]).Output(3).Operator(OperatorKind.StridedCopy, [offset, 1, 3, stride]);
        single.IsRefused(BlobError.Parameter);
    }
}
