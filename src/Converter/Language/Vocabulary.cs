using TinyInference.Words;

namespace TinyInference.Converter.Language;

/// <summary>
/// The words that a model knows, from the most frequent on. Word 0 stands for every word that is not among them, word 1 for the start and the end of a
/// sentence.
/// </summary>
internal sealed class Vocabulary
{
    public const int Unknown = 0;
    public const int Boundary = 1;
    public const string UnknownWord = WordIndex.Unknown;
    public const string BoundaryWord = WordIndex.Boundary;

    private readonly Dictionary<string, int> _numbers;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <param name="words">All of them, the two reserved ones first; no word twice.</param>
    public Vocabulary(IReadOnlyList<string> words)
    {
        if (words.Count < 2 || words[Unknown] != UnknownWord || words[Boundary] != BoundaryWord)
        {
            throw new ArgumentException("a vocabulary begins with the two reserved words", nameof(words));
        }

        Words = words;
        _numbers = new Dictionary<string, int>(words.Count, StringComparer.Ordinal);
        for (int i = 0; i < words.Count; i++)
        {
            _numbers.Add(words[i], i);
        }

        _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IReadOnlyList<string> Words { get; }

    public int Count => Words.Count;

    /// <summary>The words that occur often enough; of those that occur equally often, those first by their code points.</summary>
    /// <param name="least">Occurrences that a word needs.</param>
    /// <param name="most">Words, the reserved ones among them.</param>
    public static Vocabulary Create(IReadOnlyDictionary<string, long> counts, int least, int most)
    {
        IEnumerable<string> frequent = counts
            .Where(c => c.Value >= least && c.Key is not (UnknownWord or BoundaryWord))
            .OrderByDescending(c => c.Value)
            .ThenBy(c => c.Key, StringComparer.Ordinal)
            .Take(Math.Max(most - 2, 0))
            .Select(c => c.Key);
        return new Vocabulary([UnknownWord, BoundaryWord, .. frequent]);
    }

    /// <summary>The word's number; <see cref="Unknown"/> of a word that is not among them.</summary>
    public int NumberOf(ReadOnlySpan<char> word) => _lookup.TryGetValue(word, out int number) ? number : Unknown;
}
