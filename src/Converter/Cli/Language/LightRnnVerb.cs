using System.CommandLine;

namespace TinyInference.Converter.Cli.Language;

/// <summary>lightrnn: language models whose words lie in a table.</summary>
internal static class LightRnnVerb
{
    public static Command Create(Screen screen, CancellationToken cancellation) =>
        new Command("lightrnn", "Trains and runs language models with two vectors for a word: that of its row and that of its column in a table of words. 2N vectors serve N * N words.")
        {
            LanguageTrainVerb.Create(screen, cancellation),
            PerplexityVerb.Create(screen, cancellation),
            CompleteVerb.Create(screen),
            ScoreVerb.Create(screen, cancellation),
            TableSizeVerb.Create(screen),
        }.WithExample("lightrnn train --text sentences.txt -o lm.tinf");
}
