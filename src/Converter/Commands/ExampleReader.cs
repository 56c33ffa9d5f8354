using System.Text;
using System.Text.Json;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Commands;

/// <summary>Reads files of examples, with errors that name the line. Empty lines and lines that begin with '#' say nothing.</summary>
internal static class ExampleReader
{
    /// <summary>Words of a sentence: more is no sentence, but a file of another kind.</summary>
    public const int MostWords = 1000;

    /// <param name="path">UTF-8 text, may be packed by gzip.</param>
    /// <param name="format">Null to see it from the number of columns.</param>
    /// <exception cref="InputException">The file cannot be read, or a line is not as the format wants it.</exception>
    public static List<CommandExample> Read(string path, ExampleFormat? format) => Read(path, InputBytes.ReadFile(path), format);

    public static List<CommandExample> Read(string name, byte[] bytes, ExampleFormat? format)
    {
        var examples = new List<CommandExample>();
        foreach ((int number, string line) in TextLines.Of(name, bytes))
        {
            string where = $"{name}, line {number}";
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            string[] columns = line.Split('\t');
            format ??= Detect(columns, where);
            CommandExample example = format switch
            {
                ExampleFormat.Snips => ReadSnips(Columns(columns, 3, where, "intent, sentence, list of slots"), where),
                ExampleFormat.Hwu64 => ReadHwu64(Columns(columns, 4, where, "scenario, intent, sentence, marked sentence"), where),
                _ => ReadMarked(Columns(columns, 2, where, "intent, sentence"), where),
            };
            examples.Add(example.Words.Count <= MostWords
                ? example
                : throw new InputException($"{where}: the sentence has {example.Words.Count:N0} words; at most {MostWords:N0} can be used"));
        }

        return examples.Count > 0 ? examples : throw new InputException($"{name}: holds no examples; each line is an intent, a tab and a sentence");
    }

    private static ExampleFormat Detect(string[] columns, string where) => columns.Length switch
    {
        2 => ExampleFormat.Marked,
        3 => ExampleFormat.Snips,
        4 => ExampleFormat.Hwu64,
        _ => throw new InputException($"{where}: is no example; a line is an intent, a tab and a sentence"),
    };

    private static string[] Columns(string[] columns, int count, string where, string what) =>
        columns.Length == count ? columns : throw new InputException($"{where}: has {columns.Length} columns apart by tabs, not {count} ({what})");

    private static CommandExample ReadMarked(string[] columns, string where) => MarkedSentence.Read(Intent(columns[0], where), columns[1], where);

    private static CommandExample ReadHwu64(string[] columns, string where)
    {
        // SLURP repeats the scenario in the intent, HWU64 does not.
        string scenario = columns[0].Trim();
        string intent = columns[1].Trim();
        return MarkedSentence.Read(Intent(intent.StartsWith(scenario + "_", StringComparison.Ordinal) ? intent : $"{scenario}_{intent}", where), columns[3], where);
    }

    private static CommandExample ReadSnips(string[] columns, string where)
    {
        string intent = Intent(columns[0], where);
        List<string> words = SentenceWords.Split(columns[1]);
        if (words.Count == 0)
        {
            throw new InputException($"{where}: the sentence has no words");
        }

        var slots = new string?[words.Count];
        int from = 0;
        foreach ((string slot, string text) in ReadSlots(columns[2], where))
        {
            List<string> span = SentenceWords.Split(text);
            int at = Find(words, span, from);
            if (span.Count > 0 && at >= 0)
            {
                Array.Fill(slots, slot, at, span.Count);
                from = at + span.Count;
            }
        }

        return new CommandExample(intent, columns[1].Trim(), words, slots);
    }

    private static List<(string Slot, string Words)> ReadSlots(string json, string where)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            var slots = new List<(string, string)>();
            foreach (JsonElement pair in document.RootElement.EnumerateArray())
            {
                string slot = pair[0].GetString() ?? "";
                slots.Add((Names.IsName(slot) ? slot : throw new InputException($"{where}: '{MarkedSentence.Excerpt(slot)}' is no name of a slot"), pair[1].GetString() ?? ""));
            }

            return slots;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new InputException($"{where}: the third column is no JSON list of [\"slot\", \"words\"]: {MarkedSentence.Excerpt(json)}", e);
        }
    }

    /// <summary>Where <paramref name="span"/> stands in <paramref name="words"/>, from a word on; -1 where it does not.</summary>
    private static int Find(List<string> words, List<string> span, int from)
    {
        for (int at = from; at <= words.Count - span.Count; at++)
        {
            int i = 0;
            while (i < span.Count && words[at + i] == span[i])
            {
                i++;
            }

            if (i == span.Count)
            {
                return at;
            }
        }

        return -1;
    }

    private static string Intent(string text, string where)
    {
        string intent = text.Trim();
        return Names.IsName(intent)
            ? intent
            : throw new InputException($"{where}: '{MarkedSentence.Excerpt(intent)}' is no name of an intent; it has letters, digits, '_', '-' or '.', at most {Names.MostLength} of them");
    }
}
