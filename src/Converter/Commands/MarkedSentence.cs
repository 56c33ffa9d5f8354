using System.Text;

namespace TinyInference.Converter.Commands;

/// <summary>Reads sentences whose slots are marked, as in "clean the [room:living room]".</summary>
internal static class MarkedSentence
{
    /// <param name="where">File and line, for messages.</param>
    /// <exception cref="InputException">A mark is not closed, has no name or no words, or begins inside a word.</exception>
    public static CommandExample Read(string intent, string marked, string where)
    {
        var text = new StringBuilder();
        var words = new List<string>();
        var slots = new List<string?>();
        int at = 0;
        while (at < marked.Length)
        {
            int open = marked.AsSpan(at).IndexOfAny('[', ']');
            string plain = open < 0 ? marked[at..] : marked.Substring(at, open);
            Append(plain, null);
            if (open < 0)
            {
                break;
            }

            at += open;
            if (marked[at] == ']')
            {
                throw new InputException($"{where}: a ']' closes no slot mark; marks are written [slot:words]");
            }

            int close = marked.IndexOf(']', at);
            int next = marked.IndexOf('[', at + 1);
            if (close < 0 || (next >= 0 && next < close))
            {
                throw new InputException($"{where}: a slot mark is not closed: {Excerpt(marked[at..])}");
            }

            string mark = marked.Substring(at + 1, close - at - 1);
            int colon = mark.IndexOf(':', StringComparison.Ordinal);
            string slot = colon < 0 ? "" : mark[..colon].Trim();
            if (!Names.IsName(slot))
            {
                throw new InputException($"{where}: the slot mark {Excerpt($"[{mark}]")} needs a name of letters, digits, '_', '-' or '.' before a colon, as [room:kitchen]");
            }

            int before = words.Count;
            Append(mark[(colon + 1)..].Trim(), slot);
            if (words.Count == before)
            {
                throw new InputException($"{where}: the slot mark {Excerpt($"[{mark}]")} has no words");
            }

            at = close + 1;
        }

        string sentence = text.ToString().Trim();
        if (words.Count == 0)
        {
            throw new InputException($"{where}: the sentence has no words");
        }

        if (!words.SequenceEqual(SentenceWords.Split(sentence)))
        {
            throw new InputException($"{where}: a slot mark begins or ends inside a word: {Excerpt(marked)}");
        }

        return new CommandExample(intent, sentence, words, slots);

        void Append(string part, string? slot)
        {
            text.Append(part);
            foreach (string word in SentenceWords.Split(part))
            {
                words.Add(word);
                slots.Add(slot);
            }
        }
    }

    /// <summary>Enough of a line to find it.</summary>
    public static string Excerpt(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 57), "...");
}
