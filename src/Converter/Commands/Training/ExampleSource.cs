using TinyInference.Converter.Commands.Grammars;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Commands.Training;

/// <summary>Where examples come from: files hold the same ones in every epoch, grammars make others.</summary>
/// <param name="Fixed">From files.</param>
/// <param name="Grammars">May be none.</param>
/// <param name="PerIntent">Sentences of each intent of a grammar in an epoch.</param>
internal sealed record ExampleSource(IReadOnlyList<CommandExample> Fixed, IReadOnlyList<Grammar> Grammars, int PerIntent)
{
    /// <summary>What is no command has no end of forms: it gets so many times the sentences of an intent.</summary>
    private const int OtherFactor = 10;

    /// <summary>The examples of an epoch.</summary>
    /// <param name="seed">Another one for each epoch.</param>
    public List<CommandExample> Epoch(int seed) => [.. Fixed, .. Generate(seed, PerIntent)];

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
