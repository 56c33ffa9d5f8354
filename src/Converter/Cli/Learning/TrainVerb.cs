using System.CommandLine;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Export.Onnx;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.IO;
using TinyInference.Converter.Training;
using TinyInference.Converter.Training.Trees;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>train: from data to a float network.</summary>
internal sealed class TrainVerb
{
    private readonly Option<string> _model = Arguments.RequiredPath("--model", "NETWORK", $"a float .onnx or .tflite file, or: {string.Join(", ", NamedNetworks.Names.Concat(TreeModels.Names))}; as mlp:24-64-4, tree:depth=8");
    private readonly Option<NetworkTask?> _task = Arguments.Choice("--task", "regression: a number in place of a class", ("auto", (NetworkTask?)null), ("regression", NetworkTask.Regression));
    private readonly TrainingDataOptions _data = new();
    private readonly FittingOptions _fitting = new();
    private readonly Option<string?> _resume = Arguments.Text("--resume", "CHECKPOINT", "go on where a training was stopped");
    private readonly Option<bool> _json = Arguments.Flag("--json", "one JSON object on standard output");
    private readonly Option<string> _output = Arguments.RequiredPath("--output", "OUT.onnx", "the network to write", "-o");
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private TrainVerb(Screen screen, CancellationToken cancellation)
    {
        _screen = screen;
        _cancellation = cancellation;
    }

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var verb = new TrainVerb(screen, cancellation);
        var command = new Command("train", "Trains a network on data and writes it as ONNX. The best epoch is kept; the same seed gives the same bytes.") { verb._model, verb._task };
        verb._data.AddTo(command);
        verb._fitting.AddTo(command);
        command.Add(verb._resume);
        command.Add(verb._json);
        command.Add(verb._output);
        command.SetAction(verb.Run);
        return command.WithExample("train --model lenet5 --data train-images-idx3-ubyte.gz -o lenet5.onnx");
    }

    private int Run(ParseResult parse)
    {
        string output = parse.GetRequiredValue(_output);
        Files.CheckWritable(output);
        int seed = _fitting.Seed(parse);
        string model = parse.GetRequiredValue(_model);
        bool isRegression = parse.GetValue(_task) == NetworkTask.Regression;
        bool isRidge = isRegression && model.Equals("linear", StringComparison.OrdinalIgnoreCase);
        if (TreeModels.Recognises(model) || isRidge)
        {
            return new TreeTraining(_screen, _cancellation).Run(parse, model, isRegression, _data, _fitting, output, parse.GetValue(_json));
        }

        TrainedNetworkInfo? loaded = File.Exists(model) || IsFileName(model) ? TrainedNetworkInfo.Load(model, _screen) : null;
        NetworkTask task = isRegression || loaded?.Task == NetworkTask.Regression ? NetworkTask.Regression
            : loaded?.Task == NetworkTask.Reconstruction || (loaded is null && IsAutoencoder(model)) ? NetworkTask.Reconstruction
            : NetworkTask.Classification;
        TrainingData data = _data.Load(parse, loaded, seed, _screen, regression: task == NetworkTask.Regression);
        TargetScaling? scaling = null;
        switch (task)
        {
            case NetworkTask.Reconstruction:
                data = data.WithoutLabels();
                break;
            case NetworkTask.Regression when IsAutoencoder(model):
                throw new InputException($"{model}: an autoencoder reconstructs its input and learns no number; name another network");
            case NetworkTask.Regression:
                scaling = TargetScaling.Of(data);
                data = scaling.Apply(data);
                break;
            default:
                data.CheckClasses(loaded?.Outputs);
                break;
        }

        Graph graph = loaded?.Graph ?? NamedNetworks.Create(model, data.Sample, data.Train.ClassCount, seed, task == NetworkTask.Regression);
        if (loaded is not null)
        {
            scaling?.Apply(graph);
        }

        Describe(graph, data, task);

        // What can't be written is refused now, not at the end of the training.
        OnnxExporter.Export(graph);
        TrainingOptions options = _fitting.Options(parse, data);
        var network = new TrainableNetwork(graph, FittingOptions.Shards, (options.BatchSize + FittingOptions.Shards - 1) / FittingOptions.Shards);
        Optimizer optimizer = _fitting.Optimizer(parse, network);
        Objective objective = task switch
        {
            NetworkTask.Reconstruction => new ReconstructionObjective(),
            NetworkTask.Regression => new RegressionObjective(data.Train),
            _ => new LabelObjective(data.Train, _fitting.ClassWeights(parse, data, network.Output.Shape.ElementCount)),
        };
        var run = new TrainingRun(network, optimizer, options);
        if (parse.GetValue(_resume) is { } checkpoint)
        {
            run.Resume(CheckpointFile.Read(checkpoint, graph, optimizer));
        }

        var keeper = new CheckpointKeeper(output, _screen.Warning);
        void Write() => AtomicFile.Write(output, stream => OnnxExporter.Write(scaling?.Undo(graph) ?? graph, stream));
        if (!Train(run, data, options, objective, keeper, Write, output))
        {
            return ExitCode.Cancelled;
        }

        WriteResult(Write, keeper);
        keeper.Remove();
        TrainingReport report = TrainingReport.Create(graph, run, data, scaling, output);
        if (parse.GetValue(_json))
        {
            _screen.Json(report.Write);
        }
        else
        {
            report.Write(_screen.Results);
        }

        return ExitCode.Done;
    }

    /// <returns>False when the user has stopped it.</returns>
    private bool Train(TrainingRun run, TrainingData data, TrainingOptions options, Objective objective, CheckpointKeeper keeper, Action write, string output)
    {
        try
        {
            _screen.Train(options.Epochs, data.Train.Count, report => run.Run(data.Train, data.HeldOut, objective, report, keeper.Keep, _cancellation));
            return true;
        }
        catch (OperationCanceledException) when (run.Last is not null)
        {
            WriteResult(write, keeper);
            keeper.Write();
            string resume = keeper.Written is { } checkpoint ? $"; go on with --resume {checkpoint.Path}" : "";
            _screen.Note($"stopped after epoch {run.History.Count} of {options.Epochs}: {output} holds the best network until then (epoch {run.BestEpoch + 1}){resume}");
            return false;
        }
        catch (InputException e) when (run.Last is not null)
        {
            keeper.Write();
            throw new InputException(e.Message + Remains(keeper), e);
        }
    }

    private static void WriteResult(Action write, CheckpointKeeper keeper)
    {
        try
        {
            write();
        }
        catch (InputException e) when (keeper.Written is not null)
        {
            throw new InputException(e.Message + Remains(keeper), e);
        }
    }

    private static string Remains(CheckpointKeeper keeper) =>
        keeper.Written is { } checkpoint ? $"; {checkpoint.Path} holds the state after epoch {checkpoint.Epochs}, to go on from with --resume" : "";

    private static void Describe(Graph graph, TrainingData data, NetworkTask task)
    {
        graph.Metadata[MetadataKeys.Task] = task.Word();
        if (task == NetworkTask.Classification && data.Train.ClassNames is { } names)
        {
            graph.Metadata[MetadataKeys.Labels] = string.Join('\n', names);
        }

        if (data.Preparation.ToString() is { Length: > 0 } preparation)
        {
            graph.Metadata[MetadataKeys.InputPreparation] = preparation;
        }

        if (data.FeatureNames is { } features)
        {
            graph.Metadata[MetadataKeys.Features] = features;
        }
    }

    private static bool IsAutoencoder(string model) => model.StartsWith("autoencoder", StringComparison.OrdinalIgnoreCase);

    /// <summary>Says that a missing file is missing, and not that no network has its name.</summary>
    private static bool IsFileName(string model) => Path.GetExtension(model).ToUpperInvariant() is ".ONNX" or ".TFLITE" || model.Contains('/') || model.Contains('\\');
}
