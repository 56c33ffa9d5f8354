using TinyInference.Converter.Commands.Grammars;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Commands.Training;

/// <summary>Where examples come from: files hold the same ones in every epoch, grammars make others.</summary>
/// <param name="Fixed">From files.</param>
/// <param name="Grammars">May be none.</param>
/// <param name="PerIntent">Sentences of each intent of a grammar in an epoch.</param>
/// <param name="Repeats">How often an epoch has each example from files; from the second time on with other values in its slots.</param>
internal sealed record ExampleSource(IReadOnlyList<CommandExample> Fixed, IReadOnlyList<Grammar> Grammars, int PerIntent, int Repeats = 1)
{
    /// <summary>What is no command has no end of forms: it gets so many times the sentences of an intent.</summary>
    private const int OtherFactor = 8;

    /// <summary>So many epochs' sentences show which words there are: one alone misses those that grammars seldom use.</summary>
    private const int SampleFactor = 4;

    /// <summary>Examples that show all words and slots.</summary>
    public List<CommandExample> Sample(int seed) => [.. Fixed, .. Generate(seed, SampleFactor * PerIntent)];

    /// <summary>The examples of an epoch. A sentence that grammars make for two intents says nothing about either: it is left out.</summary>
    /// <param name="seed">Another one for each epoch.</param>
    public List<CommandExample> Epoch(int seed)
    {
        CommandExample[] made = [.. Generate(seed, PerIntent)];
        string[] texts = [.. made.Select(e => string.Join(' ', e.Words))];
        var intents = new Dictionary<string, string?>(StringComparer.Ordinal);
        for (int i = 0; i < made.Length; i++)
        {
            intents[texts[i]] = intents.GetValueOrDefault(texts[i], made[i].Intent) == made[i].Intent ? made[i].Intent : null;
        }

        CommandExample[] clear = [.. made.Where((_, i) => intents[texts[i]] != null)];
        return [.. Fixed, .. Repeat(clear, seed), .. clear];
    }

    private IEnumerable<CommandExample> Repeat(CommandExample[] made, int seed)
    {
        if (Repeats < 2)
        {
            return [];
        }

        var exchange = new ValueExchange([.. Fixed, .. made]);
        var chance = new SplitMix(seed);
        return Enumerable.Range(1, Repeats - 1).SelectMany(_ => Fixed).Select(e => exchange.Apply(e, chance));
    }

    /// <summary>What grammars make.</summary>
    public IEnumerable<CommandExample> Generate(int seed, int perIntent)
    {
        var chance = new SplitMix(seed);
        foreach (Grammar grammar in Grammars)
        {
            foreach (string intent in grammar.Intents)
            {
                foreach (CommandExample example in grammar.Generate(intent, intent == CommandExample.Other ? OtherFactor * perIntent : perIntent, chance))
                {
                    yield return example;
                }
            }
        }
    }
}
