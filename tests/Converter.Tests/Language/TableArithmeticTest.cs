using TinyInference.Converter.Language;

namespace Converter.Tests.Language;

/// <summary>2N vectors for M words, N = ceil(sqrt(M)).</summary>
[TestClass]
public class TableArithmeticTest
{
    [TestMethod]
    [DataRow(1L, 1)]
    [DataRow(2L, 2)]
    [DataRow(4L, 2)]
    [DataRow(5L, 3)]
    [DataRow(9L, 3)]
    [DataRow(10_000L, 100)]
    [DataRow(10_001L, 101)]
    [DataRow(10_000_000L, 3163)]
    public void The_side_is_the_root_rounded_up(long words, int side)
    {
        var table = new TableArithmetic(words, 8);
        Assert.AreEqual(side, table.Side);
        Assert.AreEqual(2L * side, table.Vectors);
    }

    [TestMethod]
    public void The_table_is_large_enough_and_no_larger_for_every_size()
    {
        for (long words = 1; words <= 10_000_000; words += 1 + (words / 97))
        {
            long side = WordPlacement.SideOf(words);
            Assert.IsTrue(side * side >= words && (side - 1) * (side - 1) < words, $"{words}");
        }
    }

    [TestMethod]
    public void Ten_million_words_of_1_024_numbers_take_26_MB()
    {
        var table = new TableArithmetic(10_000_000, 1024);
        Assert.AreEqual(25_911_296, table.TableBytes);
        Assert.AreEqual(40_960_000_000, table.FullBytes);
        Assert.AreEqual(6_477_824, table.QuantizedBytes);
        Assert.AreEqual(30_000_000, table.CellBytes);
        Assert.AreEqual("10,000,000 words: table 3163 x 3163, 6,326 vectors of 1,024: 26 MB instead of 41 GB", table.ToString());
    }

    [TestMethod]
    [DataRow(999L, "999 bytes")]
    [DataRow(1_000L, "1.0 KB")]
    [DataRow(9_960L, "10 KB")]
    [DataRow(999_600L, "1.0 MB")]
    public void Amounts_have_two_digits(long bytes, string text) => Assert.AreEqual(text, TableArithmetic.Amount(bytes));
}
