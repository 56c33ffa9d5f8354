using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TinyInference.Converter.Cli.Learning;
using TinyInference.Converter.Compression;
using TinyInference.Converter.Compression.Distillation;
using TinyInference.Converter.Compression.Pruning;
using TinyInference.Converter.Export.Onnx;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.IO;

namespace TinyInference.Converter.Cli.Compressing;

/// <summary>prune: removes what a network can do without.</summary>
internal sealed class PruneVerb
{
    private const float WeightRate = 1e-3f;

    /// <summary>What is left after channels have gone is far from what it was, and batch norm bears a high rate.</summary>
    private const float ChannelRate = 4e-3f;

    private readonly Argument<string> _model = Arguments.Path("MODEL", "a float .onnx or .tflite file");
    private readonly RetrainingOptions _retraining = new("0.001, channels 0.004");
    private readonly Option<float?> _keep = Arguments.Real("--keep", "SHARE", "of the weights (of the channels) to leave; default 0.1");
    private readonly Option<PruningStructure> _structure = Arguments.Choice(
        "--structure", "what goes together; default weights", ("weights", PruningStructure.Weights), ("channels", PruningStructure.Channels), ("block3", PruningStructure.Block3));

    private readonly Option<bool> _perLayer = Arguments.Flag("--per-layer", "every layer keeps the same share");
    private readonly Option<PruningSchedule> _schedule = Arguments.Choice(
        "--schedule", "how the share falls; default iterative", ("iterative", PruningSchedule.Iterative), ("gradual", PruningSchedule.Gradual));

    private readonly Option<int?> _rounds = Arguments.Count("--rounds", "steps on the way; default 10, to a named share of channels 1", 10);
    private readonly Option<int?> _epochs = Arguments.Count("--epochs", "of retraining in a round; default 1", 1);
    private readonly Option<int?> _finalEpochs = Arguments.Count("--final-epochs", "of retraining after the last; default 5, channels 40", 5);
    private readonly Option<float?> _maxLoss = Arguments.Real("--max-loss", "A", "what the held-out accuracy may fall by; default 0.003, with --keep no bound");
    private readonly Option<float?> _teacherWeight = Arguments.Real("--teacher-weight", "W", "of learning from the original network; default 1 for channels, else 0");
    private readonly Option<float?> _labelWeight = Arguments.Real("--label-weight", "W", "of the labels beside it; default 0.1");
    private readonly Option<float?> _temperature = Arguments.Real("--temperature", "T", "of both softmaxes; default 4");
    private readonly Option<bool> _json = Arguments.Flag("--json", "one JSON object on standard output");
    private readonly Option<string> _output = Arguments.RequiredPath("--output", "OUT.onnx", "the network to write", "-o");
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private PruneVerb(Screen screen, CancellationToken cancellation)
    {
        _screen = screen;
        _cancellation = cancellation;
    }

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var verb = new PruneVerb(screen, cancellation);
        var command = new Command("prune", "Removes the smallest weights, blocks or channels of a network in rounds, retraining in between, until it keeps the share asked for or loses too much.") { verb._model };
        foreach (Option option in new Option[] { verb._keep, verb._structure, verb._perLayer, verb._schedule, verb._rounds, verb._epochs, verb._finalEpochs, verb._maxLoss, verb._teacherWeight, verb._labelWeight, verb._temperature })
        {
            command.Add(option);
        }

        verb._retraining.AddTo(command);
        command.Add(verb._json);
        command.Add(verb._output);
        command.SetAction(verb.Run);
        return command.WithExample("prune lenet5.onnx --data train-images-idx3-ubyte.gz --keep 0.08 -o pruned.onnx");
    }

    private int Run(ParseResult parse)
    {
        string output = parse.GetRequiredValue(_output);
        Files.CheckWritable(output);
        PruningOptions options = Options(parse);
        string path = parse.GetRequiredValue(_model);
        TrainedNetworkInfo network = TrainedNetworkInfo.Load(path, _screen);
        (TrainingData data, FineTuner tuner) = _retraining.Load(parse, network, _screen);
        PruningResult result = _screen.Work(
            $"pruning to {Percent(options.Keep)}",
            progress => IterativePruning.Prune(
                network.Graph,
                tuner,
                options,
                (round, p) => progress((round - 1 + ((double)p.Step / p.Steps)) / (options.Rounds + 1)),
                null,
                _cancellation));
        if (result.Interrupted && !result.Rounds.Any(r => r.Accepted))
        {
            throw new OperationCanceledException();
        }

        result.Graph.Describe(data.Preparation);
        AtomicFile.Write(output, stream => OnnxExporter.Write(result.Graph, stream));
        if (result.Failure is { } failure)
        {
            throw new InputException($"{failure}; {output} holds the network after round {result.Rounds.Count(r => r.Accepted)}");
        }

        // Who has stopped it does not wait for the test.
        double test = data.Test is null || result.Interrupted ? double.NaN : tuner.AccuracyOn(tuner.Open(result.Graph), data.Test, _cancellation);
        if (parse.GetValue(_json))
        {
            _screen.Json(json => Write(json, result, network.Graph, output, test));
        }
        else
        {
            Write(_screen.Results, result, network.Graph, output, test);
        }

        if (result.Interrupted)
        {
            _screen.Note($"stopped: {output} holds the network after round {result.Rounds.Count(r => r.Accepted)}");
            return ExitCode.Cancelled;
        }

        if (result.Stopped)
        {
            _screen.Warning($"{output}: the share of {Percent(options.Keep)} was not reached, because the accuracy fell by more than {Percent(options.MaxLoss)}; allow more with --max-loss, or more --rounds or --epochs");
        }

        return ExitCode.Done;
    }

    private PruningOptions Options(ParseResult parse)
    {
        double keep = Stated(parse, _keep, 0.1);

        // Who names a share wants it; who doesn't wants what costs nothing.
        double maxLoss = Stated(parse, _maxLoss, parse.GetValue(_keep) is null ? 0.003 : 1);
        if (keep is not (> 0 and < 1))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--keep takes a share above 0 and below 1, not {keep}"));
        }

        if (maxLoss is < 0 or > 1)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--max-loss takes a part of the accuracy from 0 to 1, not {maxLoss}"));
        }

        PruningStructure structure = parse.GetValue(_structure);
        bool isChannels = structure == PruningStructure.Channels;
        PruningSchedule schedule = parse.GetValue(_schedule);
        if (structure == PruningStructure.Channels && schedule == PruningSchedule.Gradual)
        {
            throw new InputException("--schedule gradual masks weights while training goes on; channels are removed between rounds: use --schedule iterative");
        }

        return new PruningOptions
        {
            Keep = keep,
            MaxLoss = maxLoss,
            Structure = structure,
            Schedule = schedule,
            PerLayer = parse.GetValue(_perLayer),
            Rounds = parse.GetValue(_rounds) ?? (isChannels && parse.GetValue(_keep) is not null ? 1 : 10),
            EpochsPerRound = parse.GetValue(_epochs) ?? 1,
            FinalEpochs = parse.GetValue(_finalEpochs) ?? (isChannels ? 40 : 5),
            Rate = _retraining.Rate(parse, isChannels ? ChannelRate : WeightRate),
            Distillation = Distillation(parse, structure),
        };
    }

    private DistillationOptions? Distillation(ParseResult parse, PruningStructure structure)
    {
        float weight = parse.GetValue(_teacherWeight) ?? (structure == PruningStructure.Channels ? 1 : 0);
        return weight == 0
            ? null
            : DistillationWeights.Read(parse.GetValue(_temperature), parse.GetValue(_labelWeight), weight, null);
    }

    /// <summary>A number with the digits that the user typed, not those of its float.</summary>
    private static double Stated(ParseResult parse, Option<float?> option, double preset) =>
        parse.GetValue(option) is { } value ? (double)(decimal)value : preset;

    private static void Write(IAnsiConsole console, PruningResult result, Graph before, string output, double test)
    {
        Table layers = Tables.Create();
        layers.AddColumns(Tables.Text("layer"), Tables.Text("shape"), Tables.Text("now"), Tables.Number("weights"), Tables.Number("left"), Tables.Number("share"));
        foreach (PrunedLayer layer in result.Layers)
        {
            Tables.AddRow(layers, layer.Name, $"{layer.Before}", layer.After.Equals(layer.Before) ? "" : $"{layer.After}", Number(layer.WeightsBefore), Number(layer.WeightsAfter), Percent((double)layer.WeightsAfter / layer.WeightsBefore));
        }

        console.Write(layers);
        if (result.Rounds.Count > 0)
        {
            LearningCurve.Write("held-out accuracy % by round", "F1", [new LearningCurve.Series("after retraining", [100 * result.AccuracyBefore, .. result.Rounds.Select(r => 100 * r.Accuracy)], '*')], console);
        }

        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{output}: {Percent(result.Density)} of the weights left, {Cost.Macs(result.Graph):N0} multiply-accumulates (before {Cost.Macs(before):N0})"));
        console.WriteLine($"accuracy held out: {Percent(result.Accuracy)} (before {Percent(result.AccuracyBefore)})");
        if (double.IsFinite(test))
        {
            console.WriteLine($"accuracy test: {Percent(test)}");
        }
    }

    private static void Write(Utf8JsonWriter json, PruningResult result, Graph before, string output, double test)
    {
        json.WriteString("file", output);
        json.WriteNumber("density", result.Density);
        json.WriteBoolean("reached", !result.Stopped && !result.Interrupted);
        json.WriteNumber("accuracyBefore", result.AccuracyBefore);
        json.WriteNumber("accuracy", result.Accuracy);
        if (double.IsFinite(test))
        {
            json.WriteNumber("test", test);
        }

        json.WriteNumber("macsBefore", Cost.Macs(before));
        json.WriteNumber("macs", Cost.Macs(result.Graph));
        json.WriteNumber("parameters", Cost.Parameters(result.Graph));
        json.WriteStartArray("rounds");
        foreach (PruningRound round in result.Rounds)
        {
            json.WriteStartObject();
            json.WriteNumber("density", round.Density);
            json.WriteNumber("accuracy", round.Accuracy);
            json.WriteBoolean("accepted", round.Accepted);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("layers");
        foreach (PrunedLayer layer in result.Layers)
        {
            json.WriteStartObject();
            json.WriteString("name", layer.Name);
            json.WriteNumber("weights", layer.WeightsBefore);
            json.WriteNumber("left", layer.WeightsAfter);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double part) => (100 * part).ToString("F2", CultureInfo.InvariantCulture) + " %";
}
