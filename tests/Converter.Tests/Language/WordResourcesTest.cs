using System.Text;
using TinyInference.Converter;
using TinyInference.Converter.Language;
using TinyInference.Converter.Lowering;
using TinyInference.Words;

namespace Converter.Tests.Language;

using TinyInference;

/// <summary>The string index and the table of cells: what the converter writes, the runtime reads, and what is damaged it refuses.</summary>
[TestClass]
public class WordResourcesTest
{
    [TestMethod]
    public void Every_word_is_found_and_read_back_and_no_other() => RandomCases.ForAll(random =>
    {
        string[] words = Words(random, random.Next(1, 400));
        (byte[] bytes, int[] numbers) = WordIndexWriter.Write(words);
        var index = new WordIndex(Loaded(Resource.Words, bytes));
        Assert.AreEqual(words.Length, index.Count);
        byte[] buffer = new byte[Tokenizer.MostBytes];
        for (int i = 0; i < words.Length; i++)
        {
            byte[] word = Encoding.UTF8.GetBytes(words[i]);
            Assert.AreEqual(numbers[i], index.Find(word, word.Length), words[i]);
            Assert.AreEqual(words[i], Encoding.UTF8.GetString(buffer, 0, index.Read(numbers[i], buffer)));
        }

        var all = words.ToHashSet();
        foreach (string other in words.SelectMany(w => new[] { w + "a", w[..^1], "z" + w, w[..^1] + "~" }).Where(w => !all.Contains(w)))
        {
            byte[] word = Encoding.UTF8.GetBytes(other);
            Assert.AreEqual(-1, index.Find(word, word.Length), other);
        }
    }, 30);

    [TestMethod]
    public void Cells_come_back_both_ways() => RandomCases.ForAll(random =>
    {
        string[] words = Words(random, random.Next(1, 300));
        int side = (int)Math.Ceiling(Math.Sqrt(words.Length)) + random.Next(2);
        int[] cells = [.. Enumerable.Range(0, side * side)];
        random.Shuffle(cells);
        BlobResource[] resources = WordTableWriter.Write(words, cells[..words.Length], side);
        var index = new WordIndex(Loaded(Resource.Words, resources[0].Bytes));
        var table = new WordTable(Loaded(Resource.Cells, resources[1].Bytes), true);
        Assert.AreEqual(side, table.Side);
        for (int i = 0; i < words.Length; i++)
        {
            byte[] word = Encoding.UTF8.GetBytes(words[i]);
            int number = index.Find(word, word.Length);
            Assert.AreEqual(cells[i], (table.RowOf(number) * side) + table.ColumnOf(number));
            Assert.AreEqual(number, table.WordAt(cells[i] / side, cells[i] % side));
        }

        Assert.AreEqual((side * side) - words.Length, Enumerable.Range(0, side * side).Count(c => table.WordAt(c / side, c % side) < 0));
    }, 30);

    [TestMethod]
    public void Damaged_resources_are_refused_or_harmless() => RandomCases.ForAll(random =>
    {
        string[] words = Words(random, random.Next(1, 60));
        BlobResource[] resources = WordTableWriter.Write(words, [.. Enumerable.Range(0, words.Length)], 8);
        for (int round = 0; round < 60; round++)
        {
            byte[] index = (byte[])resources[0].Bytes.Clone();
            byte[] table = (byte[])resources[1].Bytes.Clone();
            foreach (byte[] bytes in new[] { index, table })
            {
                for (int i = random.Next(1, 3); i > 0; i--)
                {
                    bytes[random.Next(random.Next(2) == 0 ? Math.Min(12, bytes.Length) : bytes.Length)] = (byte)random.Next(256);
                }
            }

            TryUse(index[..(random.Next(4) == 0 ? random.Next(index.Length) : index.Length)], table[..(random.Next(4) == 0 ? random.Next(table.Length) : table.Length)], words);
        }
    }, 60);

    [TestMethod]
    public void Vocabularies_that_do_not_fit_are_errors()
    {
        Refused("vocabulary has 0 words", () => WordIndexWriter.Write([]));
        Refused("has 10000 bytes", () => WordIndexWriter.Write([new string('x', 10_000)]));
        Refused("has 0 bytes", () => WordIndexWriter.Write(["a", ""]));
        Refused("twice", () => WordIndexWriter.Write(["a", "b", "a"]));
        Refused("5 words do not fit", () => WordTableWriter.Write(["a", "b", "c", "d", "e"], [0, 1, 2, 3, 4], 2));
        Refused("'b' is in cell 4", () => WordTableWriter.Write(["a", "b"], [0, 4], 2));
        Refused("'b' is in cell 1", () => WordTableWriter.Write(["a", "b"], [1, 1], 2));
        Refused("65535 words", () => WordIndexWriter.Write([.. Enumerable.Range(0, 65_535).Select(i => i.ToString())]));
    }

    [TestMethod]
    public void The_table_of_ten_thousand_words_of_wikitext_takes_less_than_200_KB()
    {
        const int Most = 10_000;
        const int Depth = 64;
        var counts = new Dictionary<string, long>();
        var tokenizer = new Tokenizer();
        using var text = new MemoryStream();
        using (var file = new System.IO.Compression.GZipStream(File.OpenRead(SharedFiles.Path("data/wikitext-2/wiki.txt.gz")), System.IO.Compression.CompressionMode.Decompress))
        {
            file.CopyTo(text);
        }

        tokenizer.Start(text.GetBuffer(), 0, (int)text.Length);
        while (tokenizer.Next())
        {
            string word = Encoding.UTF8.GetString(tokenizer.Word, 0, tokenizer.Length);
            counts[word] = counts.GetValueOrDefault(word) + 1;
        }

        Vocabulary vocabulary = Vocabulary.Create(counts, 1, Most);
        int side = WordPlacement.SideOf(Most);
        BlobResource[] resources = WordTableWriter.Write(vocabulary.Words, WordPlacement.Random(Most, 1).Cells, side);
        int vectors = 2 * side * Depth;
        Console.WriteLine($"index {resources[0].Bytes.Length:N0}, cells {resources[1].Bytes.Length:N0}, vectors {vectors:N0} bytes");
        Assert.AreEqual(Most, vocabulary.Count);
        Assert.IsTrue(resources[0].Bytes.Length + resources[1].Bytes.Length + vectors <= 200_000);
    }

    private static void Refused(string message, Action action) => StringAssert.Contains(Assert.ThrowsExactly<InputException>(action).Message, message);

    private static void TryUse(byte[] indexBytes, byte[] tableBytes, string[] words)
    {
        try
        {
            var index = new WordIndex(Loaded(Resource.Words, indexBytes));
            byte[] buffer = new byte[Tokenizer.MostBytes];
            Array.ForEach(words, w => index.Find(w));
            for (int i = 0; i < index.Count; i++)
            {
                index.Read(i, buffer);
            }
        }
        catch (BlobException e)
        {
            Assert.AreEqual(BlobError.Resource, e.Error);
        }

        try
        {
            var table = new WordTable(Loaded(Resource.Cells, tableBytes), true);
            for (int i = 0; i < table.Count; i++)
            {
                Assert.AreEqual(i, table.WordAt(table.RowOf(i), table.ColumnOf(i)));
            }
        }
        catch (BlobException e)
        {
            Assert.AreEqual(BlobError.Resource, e.Error);
        }
    }

    /// <summary>The resource as a blob gives it.</summary>
    private static Resource Loaded(int tag, byte[] bytes) => LanguageBlobs.Load([new BlobResource(tag, bytes)]).GetResource(tag);

    private static string[] Words(Random random, int count)
    {
        var words = new HashSet<string>();
        while (words.Count < count)
        {
            words.Add(string.Concat(Enumerable.Range(0, random.Next(1, random.Next(10) == 0 ? 30 : 7)).Select(_ => random.Next(12) == 0 ? "ä" : ((char)('a' + random.Next(4))).ToString())));
        }

        return [.. words];
    }
}
