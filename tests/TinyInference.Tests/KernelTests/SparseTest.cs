namespace TinyInference.Tests.KernelTests;

/// <summary>Sparse tables that lead outside, however they come to the runtime.</summary>
[TestClass]
public class SparseTest
{
    /// <summary>K 3, O 2: counts 1 and 2, then (distance, weight) of 2, 0 and 1.</summary>
    private static readonly sbyte[] s_table = [1, 0, 2, 0, 2, 5, 0, -6, 1, 7];

    [TestMethod]
    public void The_table_of_the_specification_gives_the_dense_result()
    {
        byte[] blob = Single(s_table).Build();
        foreach (Model model in new[] { Model.Load(blob), Model.Load(new MemoryStream(blob), false), Model.Load(new MemoryStream(blob), true) })
        {
            var session = new Session(model);
            session.SetInput(0, [7, -8, 9]);
            session.Run();
            var y = new sbyte[2];
            session.GetOutput(0, y);
            CollectionAssert.AreEqual(new sbyte[] { 45, -42 - 56 + 10 }, y);
        }
    }

    [TestMethod]
    [DataRow(4, (sbyte)3, DisplayName = "A place behind the row")]
    [DataRow(8, (sbyte)-1, DisplayName = "A sum of distances behind the row")]
    [DataRow(0, (sbyte)2, DisplayName = "More entries than there are")]
    [DataRow(2, (sbyte)1, DisplayName = "Fewer entries than there are")]
    [DataRow(3, (sbyte)-1, DisplayName = "Many more entries than there are")]
    public void A_table_that_leads_outside_is_refused(int at, sbyte value)
    {
        sbyte[] table = [.. s_table];
        table[at] = value;
        SingleOperator single = Single(table);
        single.IsRefused(BlobError.Weights);
        foreach (bool keep in new[] { false, true })
        {
            Assert.AreEqual(BlobError.Weights, Assert.ThrowsExactly<BlobException>(() => Model.Load(new MemoryStream(single.Build()), keep)).Error);
        }
    }

    [TestMethod]
    public void A_table_of_no_possible_length_is_refused()
    {
        Single(s_table[..3]).IsRefused(BlobError.Weights);
        Single(s_table[..9]).IsRefused(BlobError.Weights);
    }

    [TestMethod]
    public void A_table_that_changes_in_its_stream_is_refused_when_it_is_read_again()
    {
        byte[] blob = Single(s_table).Build();
        var session = new Session(Model.Load(new MemoryStream(blob), true));
        session.Run();
        blob[^2] = 100;
        Assert.AreEqual(BlobError.Weights, Assert.ThrowsExactly<BlobException>(session.Run).Error);
    }

    [TestMethod]
    public void Other_kinds_have_no_sparse_weights()
    {
        foreach (int encoding in new[] { WeightEncoding.Sparse, WeightEncoding.SparseBlocks, WeightEncoding.SparseBlocks + 1 })
        {
            new SingleOperator().Input([1, 4], new sbyte[4]).Output(1, 4).Operator(OperatorKind.Lookup, [], new sbyte[256], encoding: encoding).IsRefused(BlobError.UnknownOperator);
        }
    }

    private static SingleOperator Single(sbyte[] table) => new SingleOperator().Input([1, 3], new sbyte[] { 7, -8, 9 }).Output(1, 2)
        .Operator(OperatorKind.FullyConnected, [3, 0, -128, 127], table, [0, 10], [1 << 30], [1], WeightEncoding.Sparse);
}
