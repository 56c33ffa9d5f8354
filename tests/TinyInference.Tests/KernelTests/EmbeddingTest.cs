namespace TinyInference.Tests.KernelTests;

[TestClass]
public class EmbeddingTest
{
    [TestMethod]
    public void Indices_name_rows_and_those_outside_the_nearest()
    {
        var single = new SingleOperator();
        single.Input([5], [1, 0, -7, 2, int.MaxValue]).Output(5, 2);
        single.Operator(OperatorKind.Embedding, [3, 2], [10, 11, 20, 21, 30, 31]);
        CollectionAssert.AreEqual(new sbyte[] { 20, 21, 10, 11, 10, 11, 30, 31, 30, 31 }, single.Run());
    }
}
