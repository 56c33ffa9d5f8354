using System.CommandLine;
using Spectre.Console;
using TinyInference.Converter.Commands;
using TinyInference.Converter.Commands.Grammars;

namespace TinyInference.Converter.Cli.VoiceCommands;

/// <summary>commands test: how good a blob is on examples.</summary>
internal static class CommandsTestVerb
{
    private const int GeneratedCount = 50;
    private const int DefaultSeed = 4242;

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Argument<string> blob = Arguments.Path("BLOB", "a network for commands, a .tinf file");
        Option<string[]> examples = ExampleFiles.Option("files of examples, grammars (.grammar), or a folder with grammars");
        Option<ExampleFormat?> format = ExampleFiles.Format();
        Option<string?> others = Arguments.Text("--others", "INTENT,...", "intents whose sentences are no commands for this network; 'all' for all that it does not know");
        Option<bool> wrong = Arguments.Flag("--wrong", "list the sentences that are answered wrongly");
        var command = new Command("test", "Runs a blob over examples, by the runtime that devices run. Intents, slots, and what is refused: whole spans of words count, right intent or not.") { blob, examples, format, others, wrong };
        command.SetAction(parse => Run(
            parse.GetRequiredValue(blob), parse.GetRequiredValue(examples), parse.GetValue(format), parse.GetValue(others), parse.GetValue(wrong), screen, cancellation));
        return command.WithExample("commands test commands.tinf --examples samples/commands/paraphrases.tsv");
    }

    private static int Run(string blob, string[] paths, ExampleFormat? format, string? others, bool listsWrong, Screen screen, CancellationToken cancellation)
    {
        var runner = new CommandRunner(BlobFile.Load(blob), blob);
        (List<CommandExample> fromFiles, List<Grammar> grammars) = ExampleFiles.Load(paths, format);
        var known = runner.Intents.ToHashSet(StringComparer.Ordinal);
        string[] named = others?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        CommandExample[] examples = [.. fromFiles
            .Concat(new Commands.Training.ExampleSource([], grammars, GeneratedCount).Generate(DefaultSeed, GeneratedCount))
            .Select(e => named.Contains(e.Intent) || (others == "all" && !known.Contains(e.Intent)) ? e with { Intent = CommandExample.Other } : e)];
        string[] unknown = [.. examples.Select(e => e.Intent).Distinct().Where(i => i != CommandExample.Other && !known.Contains(i))];
        if (unknown.Length > 0)
        {
            throw new InputException($"{blob}: does not know the intent '{unknown[0]}'{(unknown.Length > 1 ? $" and {unknown.Length - 1} more" : "")} of the examples; '--others {unknown[0]}' takes its sentences for no commands");
        }

        var answers = new CommandAnswer[examples.Length];
        for (int i = 0; i < answers.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            answers[i] = runner.Answer(examples[i].Text);
        }

        CommandScores scores = CommandReport.Score(examples, answers);
        CommandReport.Write(screen, [(Path.GetFileName(blob), scores)]);
        CommandReport.WriteConfusions(screen, scores);
        if (listsWrong)
        {
            ListWrong(screen, examples, answers);
        }

        return ExitCode.Done;
    }

    private static void ListWrong(Screen screen, CommandExample[] examples, CommandAnswer[] answers)
    {
        foreach ((CommandExample example, CommandAnswer answer) in examples.Zip(answers))
        {
            bool isOther = example.Intent == CommandExample.Other;
            bool isRight = isOther ? !answer.IsUnderstood : example.Intent == answer.Intent && example.Slots.SequenceEqual(answer.Slots);
            if (!isRight)
            {
                string said = (example with { Slots = answer.Slots.Count == example.Words.Count ? answer.Slots : example.Slots }).Marked();
                screen.Results.WriteLine($"{example.Intent}\t{example.Marked()}\t{answer.Intent} {answer.Confidence} %\t{said}");
            }
        }
    }
}
