namespace TinyInference.Converter.Commands;

/// <summary>A sentence, what it wants, and which of its words fill slots.</summary>
/// <param name="Intent">What it wants; <see cref="Other"/> where that is nothing of ours.</param>
/// <param name="Text">As it was written, without marks.</param>
/// <param name="Words">Split as <see cref="SentenceWords"/> does it.</param>
/// <param name="Slots">For each word the slot that it belongs to, or null. Neighbours with the same slot are one span.</param>
internal sealed record CommandExample(string Intent, string Text, IReadOnlyList<string> Words, IReadOnlyList<string?> Slots)
{
    /// <summary>The intent of sentences that are no command.</summary>
    public const string Other = "other";

    /// <summary>The words that fill slots, from the first on.</summary>
    public IEnumerable<SlotSpan> Spans => SlotSpan.Of(Slots);

    /// <summary>Its words.</summary>
    public IEnumerable<string> WordsOf(SlotSpan span) => Words.Skip(span.First).Take(span.Count);

    /// <summary>The sentence with its slots marked; read again by <see cref="MarkedSentence"/> it gives the same words and slots.</summary>
    public string Marked()
    {
        var parts = new List<string>();
        int at = 0;
        foreach (SlotSpan span in Spans)
        {
            parts.AddRange(Words.Skip(at).Take(span.First - at));
            parts.Add($"[{span.Slot}:{string.Join(' ', WordsOf(span))}]");
            at = span.First + span.Count;
        }

        return string.Join(' ', parts.Concat(Words.Skip(at)));
    }
}

/// <summary>Words beside each other that fill a slot.</summary>
internal readonly record struct SlotSpan(string Slot, int First, int Count)
{
    public static IEnumerable<SlotSpan> Of(IReadOnlyList<string?> slots)
    {
        for (int i = 0; i < slots.Count;)
        {
            int first = i++;
            if (slots[first] is { } slot)
            {
                while (i < slots.Count && slots[i] == slot)
                {
                    i++;
                }

                yield return new SlotSpan(slot, first, i - first);
            }
        }
    }
}
