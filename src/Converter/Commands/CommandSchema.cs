using TinyInference.Converter.Commands.Training;
using TinyInference.Converter.Language;

namespace TinyInference.Converter.Commands;

/// <summary>The intents and slots that a network tells apart, and the words that it knows.</summary>
internal sealed class CommandSchema
{
    /// <summary>The class of words that fill no slot.</summary>
    public const int NoSlot = 0;

    private const int MostIntents = 255;
    private const int MostSlots = 255;

    private readonly Dictionary<string, int> _intents;
    private readonly Dictionary<string, int> _slots;
    private readonly HashSet<(int Intent, int Slot)> _allowed;

    private CommandSchema(IReadOnlyList<string> intents, IReadOnlyList<string> slots, Vocabulary vocabulary, IEnumerable<CommandExample> examples)
    {
        Intents = intents;
        Slots = slots;
        Vocabulary = vocabulary;
        _intents = Numbers(intents, 0);
        _slots = Numbers(slots, 1);
        _allowed = [.. examples.SelectMany(e => e.Slots.OfType<string>().Select(s => (_intents[e.Intent], _slots[s])))];
    }

    public IReadOnlyList<string> Intents { get; }

    /// <summary>Without the class of no slot, which comes first.</summary>
    public IReadOnlyList<string> Slots { get; }

    public Vocabulary Vocabulary { get; }

    /// <summary>The number of <see cref="CommandExample.Other"/> among the intents; -1 where there is none.</summary>
    public int Other => _intents.GetValueOrDefault(CommandExample.Other, -1);

    /// <summary>What examples show.</summary>
    /// <param name="leastCount">How often a word must occur to be known.</param>
    /// <param name="mostWords">Words that are known at most.</param>
    /// <exception cref="InputException">They show fewer than two intents, or too much.</exception>
    public static CommandSchema Create(IReadOnlyList<CommandExample> examples, int leastCount, int mostWords)
    {
        string[] intents = [.. examples.Select(e => e.Intent).Distinct().Order(StringComparer.Ordinal)];
        string[] slots = [.. examples.SelectMany(e => e.Slots).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        if (intents.Length is < 2 or > MostIntents || slots.Length > MostSlots)
        {
            throw new InputException(intents.Length < 2
                ? $"the examples have one intent only, {intents[0]}; there is nothing to tell apart. Give examples of others, or of what is no command with the intent '{CommandExample.Other}'"
                : $"the examples have {intents.Length:N0} intents and {slots.Length:N0} slots; at most {MostIntents} and {MostSlots} can be used");
        }

        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string word in examples.SelectMany(e => e.Words))
        {
            counts[word] = counts.GetValueOrDefault(word) + 1;
        }

        return new CommandSchema(intents, slots, Vocabulary.Create(counts, leastCount, mostWords), examples);
    }

    /// <summary>Whether an example of the intent had the slot, by its class.</summary>
    public bool Allows(int intent, int slot) => slot == NoSlot || _allowed.Contains((intent, slot));

    /// <summary>In numbers; -1 for an intent and <see cref="NoSlot"/> for slots that are not among those here.</summary>
    public CodedExample Code(CommandExample example) => new(
        _intents.GetValueOrDefault(example.Intent, -1),
        [.. example.Words.Select(w => Vocabulary.NumberOf(w))],
        [.. example.Slots.Select(s => s is null ? NoSlot : _slots.GetValueOrDefault(s, NoSlot))]);

    /// <summary>The slots of classes.</summary>
    public string?[] SlotNames(IEnumerable<int> classes) => [.. classes.Select(c => c == NoSlot ? null : Slots[c - 1])];

    private static Dictionary<string, int> Numbers(IReadOnlyList<string> names, int first)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            numbers.Add(names[i], first + i);
        }

        return numbers;
    }
}
