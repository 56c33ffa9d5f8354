namespace TinyInference.Converter.Language;

/// <summary>Sentences as numbers of words.</summary>
/// <param name="Sentences">None is empty.</param>
/// <param name="Words">In all of them.</param>
/// <param name="Unknown">Words that the vocabulary does not have.</param>
internal sealed record Corpus(string Path, IReadOnlyList<int[]> Sentences, long Words, long Unknown)
{
    /// <summary>Numbers are kept in memory: what is longer than this is refused.</summary>
    private const long MostWords = 1L << 28;

    /// <summary>Of a text in any language; more come from data that is no text.</summary>
    private const int MostDifferentWords = 1 << 22;

    public double UnknownShare => Words == 0 ? 0 : (double)Unknown / Words;

    /// <summary>Counts the words of the sentences that a vocabulary may learn from.</summary>
    /// <param name="isLearned">Told the number of a sentence that is not empty, from 0.</param>
    /// <exception cref="InputException">The file cannot be read, is not UTF-8, or has too many different words.</exception>
    public static Dictionary<string, long> Count(string path, Func<long, bool> isLearned, CancellationToken cancellation)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        long sentence = 0;
        bool isEmpty = true;
        CorpusReader.Read(
            path,
            word =>
            {
                isEmpty = false;
                if (word.IsEmpty || !isLearned(sentence))
                {
                    return;
                }

                lookup[word] = lookup.TryGetValue(word, out long count) ? count + 1 : 1;
                if (counts.Count > MostDifferentWords)
                {
                    throw new InputException($"{path}: has more than {MostDifferentWords:N0} different words; it does not look like text");
                }
            },
            () => (sentence, isEmpty) = (isEmpty ? sentence : sentence + 1, true),
            cancellation);
        return counts;
    }

    /// <summary>Reads the sentences that <paramref name="isWanted"/> names.</summary>
    /// <exception cref="InputException">The file cannot be read, is not UTF-8, or does not fit into memory.</exception>
    public static Corpus Read(string path, Vocabulary vocabulary, Func<long, bool> isWanted, CancellationToken cancellation)
    {
        var sentences = new List<int[]>();
        var present = new List<int>();
        long index = 0, words = 0, unknown = 0;
        CorpusReader.Read(
            path,
            word =>
            {
                int number = word.IsEmpty ? Vocabulary.Unknown : vocabulary.NumberOf(word);
                present.Add(number);
                if (words + present.Count > MostWords)
                {
                    throw new InputException($"{path}: has more than {MostWords:N0} words; take a part of it");
                }
            },
            () =>
            {
                if (present.Count > 0 && isWanted(index++))
                {
                    sentences.Add([.. present]);
                    words += present.Count;
                    unknown += present.Count(w => w == Vocabulary.Unknown);
                }

                present.Clear();
            },
            cancellation);
        return new Corpus(path, sentences, words, unknown);
    }
}
