using System.CommandLine;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Cli;

/// <summary>convert: from a model to a blob.</summary>
internal sealed class ConvertVerb
{
    private const long MostLabelBytes = 1 << 20;

    private readonly Argument<string> _model = Arguments.Path("MODEL", "a .tflite or .onnx file, float or int8");
    private readonly Option<string?> _labels = Arguments.Text("--labels", "FILE", "the classes' names, one a line");
    private readonly Option<string?> _name = Arguments.Text("--name", "NAME", "the network's name; default: the file's");
    private readonly Option<NetworkTask?> _task = Arguments.Task();
    private readonly Option<string> _output = Arguments.RequiredPath("--output", "OUT.tinf", "the blob to write", "-o");
    private readonly PreparationOptions _preparation = new();
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
        var command = new Command("convert", "Converts a model to a blob. An int8 model keeps its numbers; a float model is quantized with the help of calibration data.") { verb._model, verb._labels };
        verb._preparation.AddTo(command);
        command.Add(verb._task);
        command.Add(verb._name);
        command.Add(verb._output);
        command.SetAction(verb.Run);
        return command.WithExample("convert ic_fp32.onnx --calibration train-3000.bin.gz -o ic.tinf");
    }

    private int Run(ParseResult parse)
    {
        string output = parse.GetRequiredValue(_output);
        Files.CheckWritable(output);
        string path = parse.GetRequiredValue(_model);
        ModelFile file = ModelFile.Load(path, _screen);
        Graph graph = file.Graph;
        Describe(graph, path, parse);
        _cancellation.ThrowIfCancellationRequested();
        ConversionResult result = NetworkConverter.Emit(graph);
        Files.Write(output, result.Blob, _cancellation);
        NetworkReport report = BlobReport.Create(Model.Load(result.Blob), output);
        ConversionText.Write(report, path, new FileInfo(path).Length, _screen.Results);
        return ExitCode.Done;
    }

    /// <summary>What the user says about the network goes into the blob.</summary>
    private void Describe(Graph graph, string path, ParseResult parse)
    {
        graph.Name = parse.GetValue(_name) ?? Path.GetFileNameWithoutExtension(path);
        if (parse.GetValue(_task) is { } task)
        {
            graph.Metadata[MetadataKeys.Task] = task.Word();
        }

        if (parse.GetValue(_labels) is { } labels)
        {
            graph.Metadata[MetadataKeys.Labels] = string.Join('\n', ReadLabels(labels, graph));
        }
    }

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
