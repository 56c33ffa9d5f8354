using TinyInference.Converter.Data;

namespace TinyInference.Converter.Commands.Training;

/// <summary>
/// Sentences with other values in their slots. What somebody said once of the kitchen can be said of every room: a value gives way to one that stands in the same
/// slot of the same intent behind the same word ("in the", "until"), so that sentences stay sentences.
/// </summary>
internal sealed class ValueExchange
{
    /// <summary>Different values from which on those of a slot are names of things, and not the few ways to say "off".</summary>
    private const int ManyValues = 150;

    private readonly Dictionary<(string Intent, string Slot, string Before), string[][]> _values;

    public ValueExchange(IReadOnlyList<CommandExample> examples)
    {
        (CommandExample Example, SlotSpan Span, string Text)[] all = [.. examples.SelectMany(e => e.Spans.Select(s => (e, s, string.Join(' ', e.WordsOf(s)))))];
        HashSet<string> open = [.. all.GroupBy(v => v.Span.Slot).Where(g => g.DistinctBy(v => v.Text).Take(ManyValues).Count() == ManyValues).Select(g => g.Key)];
        _values = all
            .Where(v => open.Contains(v.Span.Slot))
            .GroupBy(v => (v.Example.Intent, v.Span.Slot, Before(v.Example, v.Span)))
            .ToDictionary(g => g.Key, g => g.DistinctBy(v => v.Text).Select(v => v.Example.WordsOf(v.Span).ToArray()).ToArray());
    }

    /// <summary>The sentence, each of its values another one in half of the cases.</summary>
    public CommandExample Apply(CommandExample example, SplitMix chance)
    {
        var words = new List<string>();
        var slots = new List<string?>();
        int at = 0;
        foreach (SlotSpan span in example.Spans)
        {
            Add(example.Words.Skip(at).Take(span.First - at), null);
            at = span.First + span.Count;
            bool isExchanged = _values.TryGetValue((example.Intent, span.Slot, Before(example, span)), out string[][]? values) && chance.Next(2) > 0;
            Add(isExchanged ? values![chance.Next(values.Length)] : example.WordsOf(span), span.Slot);
        }

        Add(example.Words.Skip(at), null);
        return new CommandExample(example.Intent, string.Join(' ', words), words, slots);

        void Add(IEnumerable<string> more, string? slot)
        {
            words.AddRange(more);
            slots.AddRange(Enumerable.Repeat(slot, words.Count - slots.Count));
        }
    }

    private static string Before(CommandExample example, SlotSpan span) => span.First > 0 ? example.Words[span.First - 1] : "";
}
