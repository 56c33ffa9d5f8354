using System.Text;
using TinyInference.Words;

namespace TinyInference.Converter.Commands;

/// <summary>Sentences as words, split as devices do it.</summary>
internal static class SentenceWords
{
    /// <summary>What stands for a word that is longer than a word can be: no vocabulary has it.</summary>
    private const string TooLong = "<unk>";

    public static List<string> Split(string text) => Split(Encoding.UTF8.GetBytes(text));

    /// <summary>The words of UTF-8 text, in lower case.</summary>
    public static List<string> Split(byte[] text)
    {
        var words = new List<string>();
        var tokenizer = new Tokenizer();
        tokenizer.Start(text, 0, text.Length);
        while (tokenizer.Next())
        {
            words.Add(tokenizer.IsTooLong ? TooLong : Encoding.UTF8.GetString(tokenizer.Word, 0, tokenizer.Length));
        }

        return words;
    }
}
