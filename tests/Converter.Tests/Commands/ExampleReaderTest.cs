using System.Text;
using TinyInference.Converter;
using TinyInference.Converter.Commands;

namespace Converter.Tests.Commands;

[TestClass]
public class ExampleReaderTest
{
    [TestMethod]
    public void Marks_give_each_word_its_slot()
    {
        CommandExample example = Read("# why\n\nclean\tPlease clean the [room:living room] at [time: nine]!\n").Single();

        Assert.AreEqual("clean", example.Intent);
        Assert.AreEqual("Please clean the living room at nine!", example.Text);
        CollectionAssert.AreEqual(new[] { "please", "clean", "the", "living", "room", "at", "nine" }, example.Words.ToArray());
        CollectionAssert.AreEqual(new[] { null, null, null, "room", "room", null, "time" }, example.Slots.ToArray());
        Assert.AreEqual("please clean the [room:living room] at [time:nine]", example.Marked());
        CollectionAssert.AreEqual(example.Slots.ToArray(), MarkedSentence.Read("clean", example.Marked(), "again").Slots.ToArray());
    }

    [TestMethod]
    public void Snips_lines_are_read_by_their_columns()
    {
        CommandExample example = Read("Play\tplay jazz by Miles Davis, jazz!\t[[\"genre\", \"jazz\"], [\"artist\", \"Miles Davis\"], [\"genre\", \"jazz\"]]\n").Single();

        CollectionAssert.AreEqual(new[] { null, "genre", null, "artist", "artist", "genre" }, example.Slots.ToArray());
    }

    [TestMethod]
    [DataRow("iot\tcleaning\tstart it now\tstart it [time : now]\n", "iot_cleaning")]
    [DataRow("iot\tiot_cleaning\tstart it now\tstart it [time : now]\n", "iot_cleaning")]
    public void Hwu64_and_slurp_lines_are_read_by_their_columns(string line, string intent)
    {
        CommandExample example = Read(line).Single();

        Assert.AreEqual(intent, example.Intent);
        Assert.AreEqual("time", example.Slots[2]);
    }

    [TestMethod]
    [DataRow("clean\tthe [room:kitchen\n", "line 1", "not closed")]
    [DataRow("clean\tgo\nclean\tthe [room:kitchen [time:now]\n", "line 2", "not closed")]
    [DataRow("clean\tthe kitchen]\n", "line 1", "closes no slot mark")]
    [DataRow("clean\tthe [kitchen]\n", "line 1", "needs a name")]
    [DataRow("clean\tthe [room:]\n", "line 1", "has no words")]
    [DataRow("clean\tthe kit[room:chen]\n", "line 1", "inside a word")]
    [DataRow("clean\t...\n", "line 1", "no words")]
    [DataRow("\tgo\n", "line 1", "no name of an intent")]
    [DataRow("clean it\tgo\n", "line 1", "no name of an intent")]
    [DataRow("clean\n", "line 1", "no example")]
    [DataRow("clean\tgo\nclean\tgo\tgo\n", "line 2", "3 columns")]
    [DataRow("a\tb\tc\n", "line 1", "no JSON list")]
    [DataRow("", "x.tsv", "no examples")]
    public void Wrong_lines_are_named(string text, string where, string what)
    {
        InputException e = Assert.ThrowsExactly<InputException>(() => Read(text));

        StringAssert.Contains(e.Message, where);
        StringAssert.Contains(e.Message, what);
    }

    [TestMethod]
    public void Bytes_that_are_not_utf8_are_named()
    {
        byte[] bytes = [.. "clean\tgo\nclean\tg"u8, 0xC3, (byte)'\n'];

        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => ExampleReader.Read("x.tsv", bytes, null)).Message, "line 2: is not UTF-8");
    }

    [TestMethod]
    public void A_word_of_10000_characters_is_an_unknown_word()
    {
        CommandExample example = Read($"clean\tgo {new string('a', 10_000)} now\n").Single();

        CollectionAssert.AreEqual(new[] { "go", "<unk>", "now" }, example.Words.ToArray());
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => Read("clean\t" + string.Join(' ', Enumerable.Repeat("a", 2000)))).Message, "2,000 words");
    }

    private static List<CommandExample> Read(string text) => ExampleReader.Read("x.tsv", Encoding.UTF8.GetBytes(text), null);
}
