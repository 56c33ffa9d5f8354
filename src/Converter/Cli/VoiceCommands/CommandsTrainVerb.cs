using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using TinyInference.Converter.Commands;
using TinyInference.Converter.Commands.Grammars;
using TinyInference.Converter.Commands.Training;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Data;
using TinyInference.Converter.Language;
using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Cli.VoiceCommands;

using TinyInference.Converter.Graphs;

/// <summary>commands train: from examples to a blob.</summary>
internal sealed class CommandsTrainVerb
{
    /// <summary>Sentences of each intent of grammars that choose the thresholds.</summary>
    private const int ValidationCount = 25;

    private const int ValidationSeed = 77_777;

    private readonly Option<string[]> _examples = ExampleFiles.Option("grammars (.grammar), files of examples, or a folder with grammars; sentences that are no command have the intent 'other'");
    private readonly Option<ExampleFormat?> _format = ExampleFiles.Format();
    private readonly Option<RecurrentCellKind> _cell = Arguments.Choice("--cell", "the recurrent cell", ("gru", RecurrentCellKind.Gru), ("lstm", RecurrentCellKind.Lstm), ("rnn", RecurrentCellKind.SimpleRnn));
    private readonly Option<int?> _units = Arguments.Count("--units", "numbers in the state (default 96)", 96);
    private readonly Option<int?> _depth = Arguments.Count("--depth", "numbers in the vector of a row or column (default 32)", 32);
    private readonly Option<int?> _delay = Arguments.Count("--delay", "words that are read after a word before its slot is decided (default 1)", 1);
    private readonly Option<int?> _epochs = Arguments.Count("--epochs", "(default 12)", 12);
    private readonly Option<int?> _count = Arguments.Count("--count", "sentences of each intent of a grammar in an epoch (default 600)", 600);
    private readonly Option<int?> _repeats = Arguments.Count("--repeat", "how often an epoch has each sentence of a file, from the second time on with other values in its slots (default 1)", 1);
    private readonly Option<int?> _leastCount = Arguments.Count("--min-count", "how often a word must occur to be known (default 2)", 2);
    private readonly Option<float?> _holdOut = Arguments.Real("--hold-out", "SHARE", "of the examples in files, to measure with (default 0.1)");
    private readonly Option<int?> _seed = Arguments.Count("--seed", "decides all chance (default 1)", 1);
    private readonly Option<string> _output = Arguments.RequiredPath("--output", "OUT.tinf", "the blob to write", "-o");
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private CommandsTrainVerb(Screen screen, CancellationToken cancellation)
    {
        _screen = screen;
        _cancellation = cancellation;
    }

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var verb = new CommandsTrainVerb(screen, cancellation);
        var command = new Command("train", "Trains a network for commands and writes it as a blob. Grammars make new sentences for every epoch; the same seed gives the same bytes.")
        {
            verb._examples, verb._format, verb._cell, verb._units, verb._depth, verb._delay, verb._epochs, verb._count, verb._repeats, verb._leastCount, verb._holdOut, verb._seed, verb._output,
        };
        command.SetAction(verb.Run);
        return command.WithExample("commands train --examples samples/commands -o commands.tinf");
    }

    private int Run(ParseResult parse)
    {
        string output = parse.GetRequiredValue(_output);
        Files.CheckWritable(output);
        CommandOptions options = Options(parse);
        (List<CommandExample> examples, List<Grammar> grammars) = ExampleFiles.Load(parse.GetRequiredValue(_examples), parse.GetValue(_format));
        float share = parse.GetValue(_holdOut) ?? 0.1f;
        if (share is < 0 or >= 1)
        {
            throw new InputException($"--hold-out is a share from 0 to below 1, not {share}");
        }

        (List<CommandExample> learned, List<CommandExample> heldOut) = HoldOut(examples, share, options.Seed);
        var source = new ExampleSource(learned, grammars, parse.GetValue(_count) ?? 600, parse.GetValue(_repeats) ?? 1);
        long start = Stopwatch.GetTimestamp();
        var training = new CommandTraining(source, options);
        _screen.Note($"{training.Schema.Intents.Count} intents, {training.Schema.Slots.Count} slots, {training.Schema.Vocabulary.Count:N0} words");
        _screen.Work("training", report =>
        {
            training.Run(p => report(p.Part), _cancellation);
            return true;
        });
        CommandExample[] validation = [.. heldOut, .. source.Generate(options.Seed + ValidationSeed, ValidationCount)];
        validation = validation.Length > 0 ? validation : [.. learned];
        CommandThresholds thresholds = training.ChooseThresholds(validation, _cancellation);
        CodedExample[] typical = [.. (grammars.Count > 0 ? validation : learned.ToArray()).Where((_, i) => i % 4 == 0).Select(training.Schema.Code)];
        ConversionResult result = CommandBlob.Write(new CommandModelSource(training.Schema, training.Placement, training.Network), thresholds, typical, KernelPreference.Balanced, _cancellation);
        Files.Write(output, result.Blob, _cancellation);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        CommandScores inFloat = CommandReport.Score(validation, training.Answer(validation, thresholds, _cancellation));
        var runner = new CommandRunner(BlobFile.Load(output), output);
        CommandScores inInt8 = CommandReport.Score(validation, [.. validation.Select(e => runner.Answer(e.Text))]);
        _screen.Results.WriteLine($"{output}: {result.Blob.Length:N0} bytes, {training.Schema.Vocabulary.Count:N0} words in a table of {training.Placement.Side} x {training.Placement.Side}, {training.Sentences:N0} sentences in {seconds:F0} s");
        _screen.Results.WriteLine($"understood: {thresholds.LeastConfidence} % confidence or more, at most {thresholds.MostUnknown} % unknown words");
        CommandReport.Write(_screen, [("held out, float", inFloat), ("held out, int8", inInt8)]);
        return ExitCode.Done;
    }

    private CommandOptions Options(ParseResult parse)
    {
        CommandOptions options = new();
        return options with
        {
            Cell = parse.GetValue(_cell),
            Units = parse.GetValue(_units) ?? options.Units,
            Depth = parse.GetValue(_depth) ?? options.Depth,
            Delay = parse.GetValue(_delay) ?? options.Delay,
            Epochs = parse.GetValue(_epochs) ?? options.Epochs,
            LeastCount = parse.GetValue(_leastCount) ?? options.LeastCount,
            Seed = parse.GetValue(_seed) ?? options.Seed,
        };
    }

    private static (List<CommandExample> Learned, List<CommandExample> HeldOut) HoldOut(List<CommandExample> examples, float share, int seed)
    {
        int[] order = [.. Enumerable.Range(0, examples.Count)];
        new SplitMix(seed).Shuffle(order);
        int count = (int)(examples.Count * share);
        return ([.. order.Skip(count).Select(i => examples[i])], [.. order.Take(count).Select(i => examples[i])]);
    }
}
