namespace TinyInference.Converter.Commands;

/// <summary>What was answered to a sentence.</summary>
/// <param name="Intent">The most probable one.</param>
/// <param name="Slots">For each word its slot, or null.</param>
/// <param name="Confidence">Percent.</param>
internal sealed record CommandAnswer(string Intent, IReadOnlyList<string?> Slots, int Confidence, bool IsUnderstood);

/// <summary>Counts how good answers are.</summary>
internal sealed class CommandScores
{
    private readonly Dictionary<(string Wanted, string Answered), int> _confusions = [];

    /// <summary>Sentences that are commands.</summary>
    public int Commands { get; private set; }

    /// <summary>Commands whose most probable intent is right, understood or not.</summary>
    public int RightIntents { get; private set; }

    /// <summary>Commands that are understood.</summary>
    public int Accepted { get; private set; }

    /// <summary>Commands with the right intent and all slots right.</summary>
    public int RightSentences { get; private set; }

    /// <summary>Sentences that are no command.</summary>
    public int Others { get; private set; }

    /// <summary>How many of them are taken for a command.</summary>
    public int Taken { get; private set; }

    /// <summary>Spans in the examples, in the answers, and in both alike.</summary>
    public int WantedSlots { get; private set; }

    public int AnsweredSlots { get; private set; }

    public int RightSlots { get; private set; }

    /// <summary>Harmonic mean of precision and recall of whole spans, 0 to 1; 1 where there are no slots.</summary>
    public double SlotScore => WantedSlots + AnsweredSlots == 0 ? 1 : 2.0 * RightSlots / (WantedSlots + AnsweredSlots);

    /// <summary>Share of the sentences, of commands and others, whose intent is right.</summary>
    public double IntentShare => (double)(RightIntents + RightOthers) / Math.Max(Commands + Others, 1);

    /// <summary>Others whose most probable intent says so.</summary>
    public int RightOthers { get; private set; }

    /// <summary>Wrong intents, the most frequent first.</summary>
    public IEnumerable<(string Wanted, string Answered, int Count)> Confusions =>
        _confusions.OrderByDescending(c => c.Value).ThenBy(c => c.Key.Wanted, StringComparer.Ordinal).ThenBy(c => c.Key.Answered, StringComparer.Ordinal).Select(c => (c.Key.Wanted, c.Key.Answered, c.Value));

    public void Add(CommandExample example, CommandAnswer answer)
    {
        bool isRight = example.Intent == answer.Intent;
        if (!isRight)
        {
            _confusions[(example.Intent, answer.Intent)] = _confusions.GetValueOrDefault((example.Intent, answer.Intent)) + 1;
        }

        if (example.Intent == CommandExample.Other)
        {
            Others++;
            RightOthers += isRight ? 1 : 0;
            Taken += answer.IsUnderstood ? 1 : 0;
            return;
        }

        HashSet<SlotSpan> wanted = [.. example.Spans];
        HashSet<SlotSpan> answered = [.. SlotSpan.Of(answer.Slots)];
        WantedSlots += wanted.Count;
        AnsweredSlots += answered.Count;
        RightSlots += wanted.Count(answered.Contains);
        Commands++;
        RightIntents += isRight ? 1 : 0;
        Accepted += answer.IsUnderstood ? 1 : 0;
        RightSentences += isRight && wanted.SetEquals(answered) ? 1 : 0;
    }
}
