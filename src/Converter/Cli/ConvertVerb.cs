using System.CommandLine;
using TinyInference.Converter.Boards;
using TinyInference.Converter.Cli.Compressing;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Data;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Cli;

/// <summary>convert: from a model to a blob.</summary>
internal sealed class ConvertVerb
{
    /// <summary>Samples of the calibration data that are used unless the user says how many.</summary>
    public const int PresetSamples = 3000;

    private const long MostLabelBytes = 1 << 20;

    private readonly Argument<string> _model = Arguments.Path("MODEL", "a .tflite or .onnx file, float or int8");
    private readonly Option<string?> _calibration = Arguments.Text("--calibration", "DATA", "typical inputs for float models: see 'evaluate'");
    private readonly Option<int?> _limit = Arguments.Count("--calibration-limit", $"use N of them, evenly spread; default {PresetSamples}", PresetSamples);
    private readonly Option<ObserverKind> _observer = Arguments.Choice(
        "--observer",
        "how ranges follow from them; default mse",
        ("mse", ObserverKind.MeanSquaredError),
        ("minmax", ObserverKind.MinMax),
        ("moving-average", ObserverKind.MovingAverage),
        ("percentile", ObserverKind.Percentile));

    private readonly Option<WeightGranularity> _weights = Arguments.Choice(
        "--weights",
        "what weights share a scale; default per-channel",
        ("per-channel", WeightGranularity.PerChannel),
        ("per-tensor", WeightGranularity.PerTensor),
        ("per-network", WeightGranularity.PerNetwork));

    private readonly Option<ActivationGranularity> _activations = Arguments.Choice(
        "--activations",
        "likewise; default per-layer",
        ("per-layer", ActivationGranularity.PerTensor),
        ("per-network", ActivationGranularity.PerNetwork));

    private readonly Option<KernelPreference> _kernels = Arguments.Choice(
        "--kernels",
        "how weights are stored; default balanced",
        ("balanced", KernelPreference.Balanced),
        ("speed", KernelPreference.Speed),
        ("plain", KernelPreference.Plain));

    private readonly Option<bool> _dynamic = Arguments.Flag("--dynamic", "scales of activations chosen for each input");
    private readonly Option<bool> _noSoftmax = Arguments.Flag("--no-softmax", "scores of classes instead of probabilities");
    private readonly Option<bool> _hard = Arguments.Flag("--hard-activations", "Sigmoid and Tanh as straight lines");
    private readonly Option<string?> _labels = Arguments.Text("--labels", "FILE", "the classes' names, one a line; else the data's");
    private readonly Option<NetworkTask?> _task = Arguments.Task();
    private readonly Option<string?> _name = Arguments.Text("--name", "NAME", "the network's name; default: the file's");
    private readonly Option<string> _board = Arguments.Board(required: false);
    private readonly Option<bool> _strip = Arguments.Flag("--strip", "leave the names of operators and tensors out");
    private readonly Option<string> _output = Arguments.RequiredPath("--output", "OUT", "the blob, .cs file or folder to write", "-o");
    private readonly RamOptions _ram = new();
    private readonly CodeOptions _code = new();
    private readonly PreparationOptions _preparation = new();
    private readonly RepairOptions _repairs = new();
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private ConvertVerb(Screen screen, CancellationToken cancellation)
    {
        _screen = screen;
        _cancellation = cancellation;
    }

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var verb = new ConvertVerb(screen, cancellation);
        var command = new Command("convert", "Converts a model to a blob; a float model is quantized with calibration data.")
        {
            verb._model, verb._calibration, verb._limit, verb._observer, verb._weights, verb._activations, verb._dynamic, verb._hard, verb._noSoftmax, verb._kernels,
        };
        verb._repairs.AddTo(command);
        verb._preparation.AddTo(command);
        foreach (Option option in new Option[] { verb._labels, verb._task, verb._name, verb._strip, verb._board })
        {
            command.Add(option);
        }

        verb._ram.AddTo(command);
        verb._code.AddTo(command);
        command.Add(verb._output);
        command.SetAction(verb.Run);
        return command.WithExample("convert ic_fp32.onnx --calibration train-3000.bin.gz -o ic.tinf");
    }

    private int Run(ParseResult parse)
    {
        string output = parse.GetRequiredValue(_output);
        _code.CheckWritable(parse, output);
        if (_code.IsAsked(parse))
        {
            _ram.RefuseForCode(parse);
        }

        Board? board = parse.GetValue(_board) is { } name ? BoardFiles.Load(name) : null;
        string path = parse.GetRequiredValue(_model);
        ModelFile file = ModelFile.Load(path, _screen);
        Graph graph = file.Graph;
        if (parse.GetValue(_noSoftmax) && !FinalSoftmax.Remove(graph))
        {
            throw new InputException($"{path}: has no softmax at its end; leave --no-softmax out");
        }

        CalibrationSamples? samples = Calibration(parse, file);
        Describe(graph, path, parse);
        _cancellation.ThrowIfCancellationRequested();
        var options = new QuantizationOptions
        {
            Observer = parse.GetValue(_observer),
            Weights = parse.GetValue(_weights),
            Activations = parse.GetValue(_activations),
            HardForms = parse.GetValue(_hard),
            DynamicScales = parse.GetValue(_dynamic),
            CorrectBiases = _repairs.CorrectsBiases(parse),
            Threads = Evaluator.Threads,
        };
        graph = _repairs.Apply(parse, path, graph, samples, FloatNetwork.PreparationOf(graph), options, _screen, _cancellation);
        KernelPreference kernels = parse.GetValue(_kernels);
        ConversionResult result = samples is null
            ? NetworkConverter.Convert(graph, null, options, kernels, null, _cancellation)
            : _screen.Work($"calibrating with {samples.Count:N0} samples", progress => NetworkConverter.Convert(graph, samples, options, kernels, progress, _cancellation));
        if (options.DynamicScales)
        {
            string[] names = [.. DynamicQuantizer.Fixed(result.Graph).Select(n => n.ToString())];
            _screen.Note(names.Length == 0 ? "all scales are chosen for each input" : $"one scale for all inputs stays in: {string.Join(", ", names)}");
        }

        if (_code.IsAsked(parse))
        {
            _code.Write(parse, result.Graph, kernels, output, _screen, _cancellation);
            return ExitCode.Done;
        }

        result = _ram.Apply(parse, result, board, path, _screen, _cancellation);
        byte[] blob = parse.GetValue(_strip) ? BlobWriter.ToBytes(result.Program, result.Plan, withNames: false) : result.Blob;
        if (board is not null)
        {
            BoardFit.Check(blob, board, path);
        }

        Files.Write(output, blob, _cancellation);
        NetworkReport report = BlobReport.Create(Model.Load(blob), output);
        ConversionText.Write(report, path, new FileInfo(path).Length, samples?.Count, _screen.Results);
        return ExitCode.Done;
    }

    /// <summary>Typical inputs; null where the user gave none or they are not needed. What they say about themselves goes into the graph's metadata.</summary>
    private CalibrationSamples? Calibration(ParseResult parse, ModelFile file)
    {
        Graph graph = file.Graph;
        string? path = parse.GetValue(_calibration);
        bool isNeeded = StaticQuantizer.NeedsCalibration(graph);
        bool helps = isNeeded || (path is not null && TreeEnsembles.HasInputs(graph));
        if (!helps)
        {
            if (path is not null)
            {
                _screen.Warning($"{file.Path}: is int8 already and keeps its numbers; the calibration data are not used");
            }

            Record(graph, SampleData.Guess(graph, SingleInput(graph) is { } only ? _preparation.Stated(parse, only, isSound: false) : null));
            return null;
        }

        if (path is null)
        {
            throw new InputException($"{file.Path}: is a float model; give a few hundred typical inputs with --calibration DATA, from which the ranges of its int8 numbers are found");
        }

        InputTensor input = SingleInput(graph)
            ?? throw new InputException($"{file.Path}: has {graph.Inputs.Count} inputs ({string.Join(", ", graph.Inputs.Select(i => i.Name))}); calibration data feed networks with one");
        InputPreparation? own = FloatNetwork.PreparationOf(graph);
        Dataset data = Spread(Samples.Load(path, input, own, _screen, DatasetOptions.Default with { FeatureNames = FloatNetwork.FeaturesOf(graph), Regression = Task(parse, graph) == NetworkTask.Regression }), parse.GetValue(_limit) ?? PresetSamples);
        bool isSound = data.Kind == DataKind.Features;
        InputPreparation? stated = _preparation.Stated(parse, input, isSound) ?? own;
        Record(graph, SampleData.Like(data.Kind, stated ?? (isSound ? new InputPreparation(InputBinding.FeaturesFor(input, null)) : null)));
        if (!graph.Metadata.ContainsKey(MetadataKeys.Labels) && data.ClassNames is { } names && names.Count == graph.Outputs[0].Shape.ElementCount)
        {
            graph.Metadata[MetadataKeys.Labels] = string.Join('\n', names);
        }

        InputBinding binding = InputBinding.Create(data, input, stated);
        return new CalibrationSamples(data.Count, index => [FloatNetwork.Bind(graph.Inputs[0], Read(binding, index))]);
    }

    /// <summary>Samples at even distances from first to last, because data may be in the order of their classes.</summary>
    private static Dataset Spread(Dataset data, int count) =>
        count >= data.Count ? data : data.Subset([.. Enumerable.Range(0, count).Select(i => (int)((long)i * data.Count / count))]);

    private static float[] Read(InputBinding binding, int index)
    {
        float[] real = new float[binding.Elements];
        binding.Read(index, real);
        return real;
    }

    private static InputTensor? SingleInput(Graph graph) => graph.Inputs.Count == 1 ? InputTensor.Of(graph.Inputs[0]) : null;

    private static void Record(Graph graph, InputPreparation? preparation)
    {
        if (preparation?.ToString() is { Length: > 0 } text)
        {
            graph.Metadata[MetadataKeys.InputPreparation] = text;
        }
    }

    /// <summary>What the user says about the network goes into the blob.</summary>
    private void Describe(Graph graph, string path, ParseResult parse)
    {
        graph.Name = parse.GetValue(_name) ?? Path.GetFileNameWithoutExtension(path);
        if (parse.GetValue(_labels) is { } labels)
        {
            graph.Metadata[MetadataKeys.Labels] = string.Join('\n', ReadLabels(labels, graph));
        }

        NetworkTask? guess = graph.Metadata.ContainsKey(MetadataKeys.Labels) ? NetworkTask.Classification
            : SampleData.Reconstructs(graph) ? NetworkTask.Reconstruction : null;
        if ((Task(parse, graph) ?? guess) is { } task)
        {
            graph.Metadata[MetadataKeys.Task] = task.Word();
        }
    }

    /// <summary>What the user says that the network is for, else what it says itself.</summary>
    private NetworkTask? Task(ParseResult parse, Graph graph) => parse.GetValue(_task) ?? NetworkTasks.Parse(graph.Metadata.GetValueOrDefault(MetadataKeys.Task));

    private static string[] ReadLabels(string path, Graph graph)
    {
        string text = System.Text.Encoding.UTF8.GetString(Files.Read(path, MostLabelBytes));
        string[] names = [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        int classes = graph.Outputs[0].Shape.ElementCount;
        return names.Length == classes
            ? names
            : throw new InputException($"{path}: has {names.Length} names of classes, the network's output {graph.Outputs[0].Name} has {classes} ({graph.Outputs[0].Shape})");
    }
}
