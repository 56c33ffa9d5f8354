using System.Text;
using TinyInference.Converter.Emission;
using TinyInference.Words;

namespace TinyInference.Converter.Language;

/// <summary>Writes resource 1 (docs/SPEC.md): words sorted by their bytes, front-coded in buckets.</summary>
internal static class WordIndexWriter
{
    private const int Bucket = 16;
    private const int MostPrefix = 15;
    private const int MostNibble = 14;

    /// <param name="words">In any order.</param>
    /// <returns>The resource, and for each word its number on the device: its place in the sorted order.</returns>
    /// <exception cref="InputException">There are none or too many, one is there twice, or its length is not 1 to 64 bytes.</exception>
    public static (byte[] Bytes, int[] Numbers) Write(IReadOnlyList<string> words)
    {
        if (words.Count is 0 or > WordIndex.MostWords)
        {
            throw new InputException($"the vocabulary has {words.Count} words; a blob holds 1 to {WordIndex.MostWords}");
        }

        byte[][] utf8 = [.. words.Select(Encoding.UTF8.GetBytes)];
        int[] order = [.. Enumerable.Range(0, words.Count)];
        Array.Sort(order, (a, b) => utf8[a].AsSpan().SequenceCompareTo(utf8[b]));
        var numbers = new int[words.Count];
        var entries = new SectionWriter();
        var offsets = new List<int>();
        byte[] before = [];
        for (int i = 0; i < order.Length; i++)
        {
            byte[] word = utf8[order[i]];
            if (word.Length is 0 or > Tokenizer.MostBytes)
            {
                throw new InputException($"a word of the vocabulary has {word.Length} bytes: '{Start(words[order[i]])}'; 1 to {Tokenizer.MostBytes} are possible");
            }

            if (i > 0 && word.AsSpan().SequenceEqual(before))
            {
                throw new InputException($"the word '{words[order[i]]}' is in the vocabulary twice");
            }

            bool isFirst = i % Bucket == 0;
            if (isFirst)
            {
                offsets.Add(entries.Length);
            }

            int prefix = isFirst ? 0 : Math.Min(MostPrefix, word.AsSpan().CommonPrefixLength(before));
            int suffix = word.Length - prefix;
            entries.U8((prefix << 4) | Math.Min(suffix, MostNibble + 1));
            if (suffix > MostNibble)
            {
                entries.U8(suffix);
            }

            entries.Raw(word.AsSpan(prefix));
            numbers[order[i]] = i;
            before = word;
        }

        var resource = new SectionWriter();
        resource.I32(words.Count);
        resource.U16(Bucket);
        resource.U16(0);
        int first = resource.Length + (sizeof(int) * offsets.Count);
        resource.I32(offsets.Select(o => first + o));
        resource.Raw(entries.Bytes);
        return (resource.Bytes.ToArray(), numbers);
    }

    private static string Start(string word) => word.Length > 40 ? word[..40] + "..." : word;
}
