using System.Text;
using TinyInference.Converter;
using TinyInference.Converter.Data;

namespace Converter.Tests.Data;

[TestClass]
public class CsvReaderTest
{
    [TestMethod]
    [DataRow("a,b,kind\n1,2,x\n3,4,y\n", DisplayName = "header, comma")]
    [DataRow("\"a\";\"b\";\"kind\"\r\n1;2;x\r\n\r\n3;4;\"y\"", DisplayName = "quotes, semicolon, blank line")]
    [DataRow("0,b,kind\n1,2,x\n3,4,y\n", DisplayName = "header with a number")]
    [DataRow("1\t2\tx\n3\t4\ty\n", DisplayName = "no header, tab")]
    [DataRow("a,b,kind\n\"1\",1,2,x\n\"2\",3,4,y\n", DisplayName = "row numbers")]
    [DataRow("\uFEFFday,a,b,kind\n2015-02-02 14:19:00,1,2,x\n2015-02-03,3,4,y\n", DisplayName = "dates, byte order mark")]
    public void Many_dialects_are_the_same_data(string text)
    {
        Dataset dataset = Read(text);
        CollectionAssert.AreEqual(new[] { 1f, 2f }, Sample(dataset, 0));
        CollectionAssert.AreEqual(new[] { 3f, 4f }, Sample(dataset, 1));
        CollectionAssert.AreEqual(new[] { 0, 1 }, dataset.Labels);
        CollectionAssert.AreEqual(new[] { "x", "y" }, dataset.ClassNames!.ToArray());
    }

    [TestMethod]
    [DataRow("kind")]
    [DataRow("KIND")]
    [DataRow("1")]
    [DataRow("-2")]
    public void The_label_column_goes_by_name_or_index(string column)
    {
        Dataset dataset = Read("a,kind,b\n1,5,2\n3,4,4\n", new DatasetOptions { LabelColumn = column });
        CollectionAssert.AreEqual(new[] { 1, 0 }, dataset.Labels);
        CollectionAssert.AreEqual(new[] { "4", "5" }, dataset.ClassNames!.ToArray());
        CollectionAssert.AreEqual(new[] { "a", "b" }, dataset.FeatureNames!.ToArray());
    }

    [TestMethod]
    public void Words_become_one_hot()
    {
        Dataset dataset = Read("1,udp,0\n2,tcp,1\n");
        CollectionAssert.AreEqual(new[] { "0", "1=tcp", "1=udp" }, dataset.FeatureNames!.ToArray());
        CollectionAssert.AreEqual(new[] { 1f, 0f, 1f }, Sample(dataset, 0));
        CollectionAssert.AreEqual(new[] { 2f, 1f, 0f }, Sample(dataset, 1));
    }

    [TestMethod]
    public void Labels_may_be_absent_or_numbers_to_predict()
    {
        const string text = "1,2,0.5\n3,4,1.5\n";
        Assert.IsNull(Read(text, new DatasetOptions { LabelColumn = "none" }).Labels);
        Assert.AreEqual("3", Read(text, new DatasetOptions { ExpectedElements = 3 }).SampleShape.ToString());
        CollectionAssert.AreEqual(new[] { 0.5f, 1.5f }, Read(text, new DatasetOptions { Regression = true }).Targets);
        CollectionAssert.AreEqual(new[] { 2, 0 }, Read("1,c\n2,a\n", new DatasetOptions { ClassNames = ["a", "b", "c"] }).Labels);
    }

    [TestMethod]
    [DataRow("", null, "empty", null)]
    [DataRow("a,b\n", null, "no rows", null)]
    [DataRow("1,2,0\n1,2\n", null, "row 2", "2 fields")]
    [DataRow("1,x,0\n2,3,1\n", null, "row 1", "column 1")]
    [DataRow("1,2,0\n2,NaN,1\n", null, "row 2", "column 1")]
    [DataRow("1,2,0\n2,,1\n", null, "row 2", "missing")]
    [DataRow("1,2,0\n2,3,\n", null, "row 2", "label is missing")]
    [DataRow("1,2,0.5\n2,3,1\n", null, "0.5", "regression")]
    [DataRow("1,2,0\n2,3,1\n", "size", "no column \"size\"", null)]
    [DataRow("1,2,0\n2,3,99999999\n", null, "outside the classes", null)]
    [DataRow("1,\"2,0\n2,3,1\n", null, "row 1", "quote")]
    [DataRow("0\n1\n", null, "no column of features", null)]
    public void What_cannot_be_used_names_row_and_column(string text, string? column, string part, string? other)
    {
        InputException e = Assert.ThrowsExactly<InputException>(() => Read(text, new DatasetOptions { LabelColumn = column }));
        Assert.Contains(part, e.Message);
        Assert.Contains(other ?? "", e.Message);
    }

    [TestMethod]
    public void Free_text_is_no_category()
    {
        string text = string.Join('\n', Enumerable.Range(0, 300).Select(i => $"word{i},1,0"));
        InputException e = Assert.ThrowsExactly<InputException>(() => Read(text));
        Assert.Contains("300 different words", e.Message);
    }

    private static Dataset Read(string text, DatasetOptions? options = null) =>
        CsvReader.Read(Encoding.UTF8.GetBytes(text), "data.csv", options ?? DatasetOptions.Default);

    private static float[] Sample(Dataset dataset, int index)
    {
        var values = new float[dataset.SampleShape.ElementCount];
        dataset.Read(index, values);
        return values;
    }
}
