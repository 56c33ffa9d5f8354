using System.Globalization;

namespace TinyInference.Converter.Data;

/// <summary>One column of a CSV file as it is read: numbers as numbers, words once each.</summary>
internal sealed class CsvColumn(string name)
{
    private readonly Dictionary<string, int> _wordIndices = new(StringComparer.Ordinal);
    private readonly List<float> _numbers = [];

    /// <summary>For each row the index of its word, or -1 for a number; null while there are only numbers.</summary>
    private List<int>? _words;

    public string Name { get; } = name;

    public int Rows => _numbers.Count;

    /// <summary>Row (line of the file) of the first word; 0 without words.</summary>
    public int FirstWordRow { get; private set; }

    /// <summary>The first word, for messages.</summary>
    public string FirstWord { get; private set; } = "";

    /// <summary>Row of the first empty field or not finite number; 0 where there is none.</summary>
    public int FirstMissingRow { get; private set; }

    public int WordRows { get; private set; }

    /// <summary>Every value is a date or a time.</summary>
    public bool IsDates { get; private set; } = true;

    public IEnumerable<string> Words => _wordIndices.Keys;

    public int DistinctWords => _wordIndices.Count;

    /// <summary>What files write where there is no value.</summary>
    public static bool IsMissing(string field) => field is "" or "?" or "NA" or "N/A" or "null";

    public void Add(string field, int row)
    {
        if (float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out float number))
        {
            IsDates = false;
            if (!float.IsFinite(number) && FirstMissingRow == 0)
            {
                FirstMissingRow = row;
            }

            _numbers.Add(number);
            _words?.Add(-1);
            return;
        }

        if (FirstMissingRow == 0 && IsMissing(field))
        {
            FirstMissingRow = row;
        }

        IsDates = IsDates && DateTime.TryParse(field, CultureInfo.InvariantCulture, out _);
        if (_words is null)
        {
            FirstWordRow = row;
            FirstWord = field;
            _words = [.. Enumerable.Repeat(-1, _numbers.Count)];
        }

        if (!_wordIndices.TryGetValue(field, out int index))
        {
            index = _wordIndices.Count;
            _wordIndices.Add(field, index);
        }

        _numbers.Add(float.NaN);
        _words.Add(index);
        WordRows++;
    }

    /// <summary>NaN for a word.</summary>
    public float Number(int row) => _numbers[row];

    /// <summary>For each row the rank of its word among the words in ordinal order, and those words. All rows must be words.</summary>
    public (int[] Ranks, string[] Words) Ranked()
    {
        string[] sorted = [.. _wordIndices.Keys.Order(StringComparer.Ordinal)];
        var ranks = new int[sorted.Length];
        for (int i = 0; i < sorted.Length; i++)
        {
            ranks[_wordIndices[sorted[i]]] = i;
        }

        return ([.. _words!.Select(word => ranks[word])], sorted);
    }

    /// <summary>Every value as text; a number in its shortest form.</summary>
    public string[] Texts()
    {
        string[] words = [.. _wordIndices.Keys];
        var texts = new string[Rows];
        for (int row = 0; row < texts.Length; row++)
        {
            int word = _words?[row] ?? -1;
            texts[row] = word >= 0 ? words[word] : _numbers[row].ToString(CultureInfo.InvariantCulture);
        }

        return texts;
    }
}
