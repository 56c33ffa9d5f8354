using TinyInference.Converter.Language;

namespace TinyInference.Converter.Commands.Training;

/// <summary>
/// Examples as they are not in the files: with words left out, with unknown words as values of slots, beside sentences that are no command. What people say has
/// more forms than examples show.
/// </summary>
internal sealed class ExampleVariation
{
    /// <summary>Different words of a slot from which on it may have others too.</summary>
    private const int ManyValues = 40;

    /// <summary>Words of the longest sentence that stands beside a command.</summary>
    private const int MostContext = 9;

    /// <summary>Words of the longest command that gets one beside it.</summary>
    private const int MostCommand = 24;

    private readonly CommandOptions _options;
    private readonly int _other;
    private readonly HashSet<int> _openSlots;
    private readonly CodedExample[] _contexts;
    private readonly Random _chance;

    /// <param name="examples">All of an epoch.</param>
    /// <param name="other">The intent of what is no command; -1 where there is none.</param>
    public ExampleVariation(IReadOnlyList<CodedExample> examples, int other, CommandOptions options, int seed)
    {
        _options = options;
        _other = other;
        _chance = new Random(seed);
        _contexts = [.. examples.Where(e => other >= 0 && e.Intent == other && e.Words.Length <= MostContext)];
        _openSlots = [.. examples
            .SelectMany(e => e.Words.Zip(e.Slots))
            .Where(w => w.Second != CommandSchema.NoSlot)
            .Distinct()
            .GroupBy(w => w.Second)
            .Where(g => g.Count() >= ManyValues)
            .Select(g => g.Key)];
    }

    public CodedExample Vary(CodedExample example)
    {
        int[] words = [.. example.Words];
        DropValues(words, example.Slots);
        int[] kept = [.. Enumerable.Range(0, words.Length).Where(i => example.Slots[i] != CommandSchema.NoSlot || _chance.NextSingle() >= _options.WordDeletion)];
        var varied = new CodedExample(example.Intent, [.. kept.Select(i => words[i])], [.. kept.Select(i => example.Slots[i])]);
        if (kept.Length == 0)
        {
            return example;
        }

        bool getsContext = _contexts.Length > 0 && example.Intent != _other && kept.Length <= MostCommand && _chance.NextSingle() < _options.Context;
        return getsContext ? WithContext(varied) : varied;
    }

    private void DropValues(int[] words, int[] slots)
    {
        for (int i = 0; i < words.Length;)
        {
            int first = i++;
            while (i < words.Length && slots[i] == slots[first])
            {
                i++;
            }

            if (_openSlots.Contains(slots[first]) && _chance.NextSingle() < _options.ValueDropout)
            {
                // A value's last word often says what it is, and words before it too, as in "under the" or "tom's": each part stays known in a third of the cases.
                int kept = _chance.Next(3);
                int from = kept == 1 ? i - 1 : first;
                int end = kept == 2 && i - first > 1 ? i - 1 : i;
                Array.Fill(words, Vocabulary.Unknown, from, end - from);
            }
        }
    }

    private CodedExample WithContext(CodedExample command)
    {
        CodedExample context = _contexts[_chance.Next(_contexts.Length)];
        (CodedExample a, CodedExample b) = _chance.Next(3) > 0 ? (context, command) : (command, context);
        return new CodedExample(command.Intent, [.. a.Words, .. b.Words], [.. a.Slots, .. b.Slots]);
    }
}
