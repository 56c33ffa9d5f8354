using System.CommandLine;
using System.Text;
using TinyInference.Converter.Commands;
using TinyInference.Converter.Commands.Grammars;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Cli.VoiceCommands;

/// <summary>commands generate: sentences of grammars as a file of examples.</summary>
internal static class CommandsGenerateVerb
{
    private const int DefaultCount = 100;

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var grammars = new Argument<string[]>("GRAMMAR...") { Description = "files that describe sentences (.grammar)", Arity = ArgumentArity.OneOrMore };
        Option<int?> count = Arguments.Count("--count", $"sentences of each intent (default {DefaultCount})", DefaultCount);
        Option<int?> seed = Arguments.Count("--seed", "decides all chance; the same seed gives the same sentences (default 1)", 1);
        Option<string> output = Arguments.RequiredPath("--output", "OUT.tsv", "the examples to write; '-' for standard output", "-o");
        var command = new Command("generate", "Makes sentences from grammars, by chance, as many of each intent. Each line is an intent, a tab and a sentence with its slots marked.") { grammars, count, seed, output };
        command.SetAction(parse => Run(
            parse.GetRequiredValue(grammars), parse.GetValue(count) ?? DefaultCount, parse.GetValue(seed) ?? 1, parse.GetRequiredValue(output), screen, cancellation));
        return command.WithExample("commands generate samples/commands/vacuum.grammar --count 100 -o vacuum.tsv");
    }

    private static int Run(string[] paths, int count, int seed, string output, Screen screen, CancellationToken cancellation)
    {
        if (output != "-")
        {
            Files.CheckWritable(output);
        }

        var text = new StringBuilder();
        foreach (Grammar grammar in paths.Select(GrammarReader.Read))
        {
            cancellation.ThrowIfCancellationRequested();
            var chance = new SplitMix(seed);
            int sentences = 0;
            foreach (string intent in grammar.Intents)
            {
                foreach (CommandExample example in grammar.Generate(intent, count, chance))
                {
                    text.Append(intent).Append('\t').Append(example.Marked()).Append('\n');
                    sentences++;
                }
            }

            screen.Note($"{grammar.Name}: {sentences:N0} of about {grammar.Count:0.#e+0} sentences, {grammar.Intents.Count} {(grammar.Intents.Count == 1 ? "intent" : "intents")}");
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (output == "-")
        {
            using Stream stream = screen.OpenOutput();
            stream.Write(bytes);
        }
        else
        {
            Files.Write(output, bytes, cancellation);
        }

        return ExitCode.Done;
    }
}
