using System.Text;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Commands.Grammars;

/// <summary>What people may say, described by rules: makes examples, and recognises what it could have made.</summary>
internal sealed class Grammar
{
    private readonly Dictionary<string, GrammarNode> _intents = new(StringComparer.Ordinal);

    /// <param name="intents">Each with its sentences.</param>
    /// <param name="around">What may stand around every sentence, before and after it; null for nothing.</param>
    public Grammar(string name, IEnumerable<GrammarRule> intents, GrammarRule? before, GrammarRule? after)
    {
        Name = name;
        foreach (GrammarRule intent in intents)
        {
            GrammarNode[] parts = [.. new[] { before, intent, after }.OfType<GrammarRule>().Select(r => new RuleNode(r))];
            _intents.Add(intent.Name, new SequenceNode(parts));
        }
    }

    /// <summary>The file.</summary>
    public string Name { get; }

    public IReadOnlyCollection<string> Intents => _intents.Keys;

    /// <summary>How many sentences it describes, roughly: equal ones count as often as they can be made.</summary>
    public double Count => _intents.Values.Sum(i => i.Count);

    /// <summary>Whether it can make these words, whatever the intent.</summary>
    public bool Matches(IReadOnlyList<string> words) => _intents.Values.Any(i => GrammarMatch.Matches(i, words));

    /// <summary>Makes sentences of an intent, each once; fewer where it does not have so many.</summary>
    public List<CommandExample> Generate(string intent, int count, SplitMix chance)
    {
        const int Patience = 20;
        var examples = new List<CommandExample>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        var text = new StringBuilder();
        for (long attempts = (long)count * Patience; attempts > 0 && examples.Count < count; attempts--)
        {
            text.Clear();
            _intents[intent].Generate(text, chance);
            string marked = text.ToString();
            if (known.Add(marked))
            {
                examples.Add(MarkedSentence.Read(intent, marked, $"{Name}, intent {intent}"));
            }
        }

        return examples;
    }
}
