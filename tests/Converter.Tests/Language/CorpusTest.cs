using System.IO.Compression;
using System.Text;
using TinyInference.Converter;
using TinyInference.Converter.Language;

namespace Converter.Tests.Language;

/// <summary>Text of any kind as sentences of numbers: well-formed, odd and hostile.</summary>
[TestClass]
public class CorpusTest
{
    [TestMethod]
    public void Words_are_counted_and_numbered_from_the_most_frequent_on()
    {
        using var file = new TextFile("Turn the Light on!\n\nturn it off\r\n<unk> the light\n");
        Dictionary<string, long> counts = Corpus.Count(file.Path, _ => true, default);
        Assert.AreEqual(2, counts["turn"]);
        Assert.AreEqual(2, counts["light"]);
        var vocabulary = Vocabulary.Create(counts, least: 2, most: 100);
        CollectionAssert.AreEqual(new[] { "<unk>", "<s>", "light", "the", "turn" }, vocabulary.Words.ToArray());
        Corpus corpus = Corpus.Read(file.Path, vocabulary, _ => true, default);
        Assert.HasCount(3, corpus.Sentences);
        CollectionAssert.AreEqual(new[] { 4, 3, 2, 0 }, corpus.Sentences[0]);
        CollectionAssert.AreEqual(new[] { 0, 3, 2 }, corpus.Sentences[2]);
        Assert.AreEqual(10, corpus.Words);
        Assert.AreEqual(4, corpus.Unknown);
    }

    [TestMethod]
    public void A_vocabulary_has_no_more_words_than_are_wanted()
    {
        var counts = new Dictionary<string, long> { ["a"] = 3, ["b"] = 5, ["c"] = 3, ["<unk>"] = 9 };
        CollectionAssert.AreEqual(new[] { "<unk>", "<s>", "b", "a" }, Vocabulary.Create(counts, 1, 4).Words.ToArray());
        Assert.AreEqual(Vocabulary.Unknown, Vocabulary.Create(counts, 1, 4).NumberOf("c"));
    }

    [TestMethod]
    public void Packed_text_is_unpacked_and_damage_is_told()
    {
        using var file = new TextFile("one two\nthree\n", packed: true);
        Assert.HasCount(3, Corpus.Count(file.Path, _ => true, default));
        byte[] bytes = File.ReadAllBytes(file.Path);
        File.WriteAllBytes(file.Path, bytes[..^6]);
        Assert.Contains("gzip", Assert.ThrowsExactly<InputException>(() => Corpus.Count(file.Path, _ => true, default)).Message);
    }

    [TestMethod]
    public void Text_that_is_not_UTF_8_is_refused_with_its_line()
    {
        using var file = new TextFile([.. "fine\n"u8, 0xE4, 0xF6, .. "\n"u8]);
        Assert.Contains("line 2 is not UTF-8", Assert.ThrowsExactly<InputException>(() => Corpus.Count(file.Path, _ => true, default)).Message);
    }

    [TestMethod]
    public void Lines_longer_than_the_buffer_stay_one_sentence()
    {
        using var file = new TextFile(string.Concat(Enumerable.Repeat("señor ", 300_000)) + "\nend");
        Dictionary<string, long> counts = Corpus.Count(file.Path, _ => true, default);
        Assert.AreEqual(300_000, counts["señor"]);
        Corpus corpus = Corpus.Read(file.Path, Vocabulary.Create(counts, 1, 10), _ => true, default);
        Assert.HasCount(2, corpus.Sentences);
        Assert.HasCount(300_000, corpus.Sentences[0]);
    }

    [TestMethod]
    public void A_word_of_10_000_characters_is_one_unknown_word()
    {
        using var file = new TextFile($"say {new string('x', 10_000)} now\n");
        Dictionary<string, long> counts = Corpus.Count(file.Path, _ => true, default);
        Assert.HasCount(2, counts);
        int[] sentence = Corpus.Read(file.Path, Vocabulary.Create(counts, 1, 10), _ => true, default).Sentences[0];
        CollectionAssert.AreEqual(new[] { 3, Vocabulary.Unknown, 2 }, sentence);
    }

    [TestMethod]
    public void One_endless_word_is_read_in_pieces()
    {
        using var file = new TextFile(new string('é', 2_000_000));
        Assert.IsEmpty(Corpus.Count(file.Path, _ => true, default));
        Assert.HasCount(1, Corpus.Read(file.Path, Vocabulary.Create(new Dictionary<string, long>(), 1, 10), _ => true, default).Sentences);
    }

    [TestMethod]
    [DataRow("", "0 sentences")]
    [DataRow("hello\n", "1 sentences")]
    [DataRow("a b c d e\nf g h i j\n", "none of its")]
    public void Too_little_text_is_refused(string text, string message)
    {
        using var file = new TextFile(text);
        Assert.Contains(message, Assert.ThrowsExactly<InputException>(() => LanguageData.Load(file.Path, new HoldOut(0.5), 2, 100, default)).Message);
    }

    [TestMethod]
    public void Held_out_sentences_are_spread_evenly()
    {
        var tenth = new HoldOut(0.1);
        CollectionAssert.AreEqual(new[] { 9, 19, 29 }, Enumerable.Range(0, 35).Where(i => tenth.Contains(i)).ToArray());
        Assert.AreEqual(250, Enumerable.Range(0, 1000).Count(i => new HoldOut(0.25).Contains(i)));
    }

    internal sealed class TextFile : IDisposable
    {
        public TextFile(string text, bool packed = false)
            : this(packed ? Pack(text) : Encoding.UTF8.GetBytes(text))
        {
        }

        public TextFile(byte[] bytes) => File.WriteAllBytes(Path, bytes);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);

        private static byte[] Pack(string text)
        {
            using var stream = new MemoryStream();
            using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
            {
                gzip.Write(Encoding.UTF8.GetBytes(text));
            }

            return stream.ToArray();
        }
    }
}
