using TinyInference.Converter.Language;

namespace TinyInference.Converter.Commands.Training;

/// <summary>The two vectors that a network reads for each word.</summary>
internal sealed class WordVectors
{
    private readonly int[] _first;
    private readonly int[] _second;

    private WordVectors(int count, int[] first, int[] second)
    {
        Count = count;
        _first = first;
        _second = second;
    }

    /// <summary>Vectors that there are.</summary>
    public int Count { get; }

    /// <summary>A vector for each word, read twice.</summary>
    public static WordVectors OneEach(int words)
    {
        int[] all = [.. Enumerable.Range(0, words)];
        return new WordVectors(words, all, all);
    }

    /// <summary>A word's row, then its column.</summary>
    public static WordVectors OfTable(WordPlacement placement) => new(
        2 * placement.Side,
        [.. Enumerable.Range(0, placement.Words).Select(placement.RowOf)],
        [.. Enumerable.Range(0, placement.Words).Select(w => placement.Side + placement.ColumnOf(w))]);

    public int First(int word) => _first[word];

    public int Second(int word) => _second[word];
}
