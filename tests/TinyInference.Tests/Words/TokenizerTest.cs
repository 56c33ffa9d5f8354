using System.Text;
using TinyInference.Words;

namespace TinyInference.Tests.Words;

[TestClass]
public class TokenizerTest
{
    [TestMethod]
    [DataRow("Turn the KITCHEN light on!", "turn the kitchen light on")]
    [DataRow("don't 'quote' it, o'clock’s rock''n'roll'", "don't quote it o'clock's rock n'roll")]
    [DataRow("wake me at 7:30am, 22.5 degrees", "wake me at 7 30am 22 5 degrees")]
    [DataRow("ÄRGER Über ÷ × Çelik Þorn naïve ß µ ÿ", "ärger über çelik þorn naïve ß µ ÿ")]
    [DataRow("Жук 東京、大阪 — “hello” 😀 ok", "Жук 東京 大阪 hello ok")]
    [DataRow("the <unk> of <unk>s <UNK> <s>", "the <unk> of <unk> s unk s")]
    [DataRow("", "")]
    [DataRow("  \t…''' ", "")]
    public void Text_becomes_words(string text, string words) => Assert.AreEqual(words, string.Join(' ', Split(Encoding.UTF8.GetBytes(text))));

    [TestMethod]
    public void Bytes_that_are_no_UTF8_separate_words()
    {
        byte[] text = [.. "ab"u8, 0xFF, .. "cd"u8, 0xC3, .. "ef"u8, 0xE2, 0x80, .. "gh"u8, 0xC0, 0x80, .. "ij"u8, 0xED, 0xA0, 0x80, .. "kl"u8, 0xF4, 0x90, 0x80, 0x80, .. "mn"u8, 0xC3];
        Assert.AreEqual("ab cd ef gh ij kl mn", string.Join(' ', Split(text)));
    }

    [TestMethod]
    public void A_word_of_ten_thousand_characters_is_cut_and_marked()
    {
        var tokenizer = new Tokenizer();
        byte[] text = Encoding.UTF8.GetBytes(new string('x', 10_000) + " y");
        tokenizer.Start(text, 0, text.Length);
        Assert.IsTrue(tokenizer.Next());
        Assert.IsTrue(tokenizer.IsTooLong);
        Assert.AreEqual(Tokenizer.MostBytes, tokenizer.Length);
        Assert.AreEqual(10_000, tokenizer.End);
        Assert.IsTrue(tokenizer.Next());
        Assert.IsFalse(tokenizer.IsTooLong);
        Assert.AreEqual(1, tokenizer.Length);
        Assert.IsFalse(tokenizer.Next());
        Assert.IsFalse(tokenizer.Next());
    }

    [TestMethod]
    public void Any_bytes_give_words_that_are_valid_and_split_the_same_again() => Dice.Throw(3_000, dice =>
    {
        byte[] text = (byte[])(object)dice.Int8s(dice.Between(0, 80));
        List<string> words = Split(text);
        foreach (string word in words)
        {
            Assert.IsFalse(word.Contains('\uFFFD'), Convert.ToHexString(text));
            CollectionAssert.AreEqual(new[] { word }, Split(Encoding.UTF8.GetBytes(word)), Convert.ToHexString(text));
        }
    });

    [TestMethod]
    public void A_range_outside_the_text_is_refused()
    {
        var tokenizer = new Tokenizer();
        Assert.ThrowsExactly<ArgumentException>(() => tokenizer.Start(new byte[3], 1, 3));
        Assert.ThrowsExactly<ArgumentException>(() => tokenizer.Start(new byte[3], -1, 3));
        Assert.ThrowsExactly<ArgumentException>(() => tokenizer.Start(new byte[3], int.MaxValue, 1));
    }

    private static List<string> Split(byte[] text)
    {
        var tokenizer = new Tokenizer();
        var words = new List<string>();
        tokenizer.Start(text, 0, text.Length);
        while (tokenizer.Next())
        {
            words.Add(Encoding.UTF8.GetString(tokenizer.Word, 0, tokenizer.Length));
        }

        return words;
    }
}
