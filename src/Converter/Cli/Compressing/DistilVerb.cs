using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TinyInference.Converter.Cli.Learning;
using TinyInference.Converter.Compression;
using TinyInference.Converter.Compression.Distillation;
using TinyInference.Converter.Data;
using TinyInference.Converter.Export.Onnx;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.IO;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Cli.Compressing;

/// <summary>distil: a small network learns from a large one.</summary>
internal sealed class DistilVerb
{
    private const int PresetBatch = 32;

    /// <summary>Of a file, which has learned before, and of networks without batch norm.</summary>
    private const float CarefulRate = 2e-3f;

    /// <summary>Of a new network that bears it.</summary>
    private const float BatchNormRate = 1e-2f;


    private readonly Option<string> _teacher = Arguments.RequiredPath("--teacher", "MODEL", "a float .onnx or .tflite file");
    private readonly Option<string> _student = Arguments.RequiredPath("--student", "NETWORK", "a file, or a new network by name: dscnn:width=24; 'train --help' lists them");
    private readonly Option<float?> _temperature = Arguments.Real("--temperature", "T", "of both softmaxes; default 4");
    private readonly Option<float?> _labelWeight = Arguments.Real("--label-weight", "W", "of the cross entropy with the labels; default 0.1");
    private readonly Option<float?> _teacherWeight = Arguments.Real("--teacher-weight", "W", "of the cross entropy with the teacher, times T^2; default 1");
    private readonly Option<float?> _hintWeight = Arguments.Real("--hint-weight", "W", "of each hint: of the squared error as a share of the teacher's squares; default 5");
    private readonly Option<string[]> _hints = new("--hint") { Description = "an inner tensor of the teacher that one of the student's is to tell as much as, by names that 'inspect' lists: conv5=conv3; height and width must be equal; may be given several times", HelpName = "TEACHERS=STUDENTS" };
    private readonly Option<string?> _unlabelled = Arguments.Text("--unlabelled", "DATA", "more samples, which the teacher labels");
    private readonly Option<int?> _epochs = Arguments.Count("--epochs", "times that every sample is trained with; default 40", 40);
    private readonly RetrainingOptions _retraining = new("0.01 for a new network with batch norm, else 0.002", PresetBatch);
    private readonly Option<bool> _json = Arguments.Flag("--json", "one JSON object on standard output");
    private readonly Option<string> _output = Arguments.RequiredPath("--output", "OUT.onnx", "the network to write", "-o");
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private DistilVerb(Screen screen, CancellationToken cancellation)
    {
        _screen = screen;
        _cancellation = cancellation;
    }

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var verb = new DistilVerb(screen, cancellation);
        var command = new Command("distil", "Trains a small network, the student, on what a large one, the teacher, says about the same samples, each just as the student sees it, and on their labels. Change the samples by --augment and take many epochs.");
        foreach (Option option in new Option[] { verb._teacher, verb._student, verb._temperature, verb._labelWeight, verb._teacherWeight, verb._hints, verb._hintWeight, verb._unlabelled, verb._epochs })
        {
            command.Add(option);
        }

        verb._retraining.AddTo(command);
        command.Add(verb._json);
        command.Add(verb._output);
        command.SetAction(verb.Run);
        return command.WithExample("distil --teacher ic.onnx --student resnet8:width=8 --temperature 4 --data train-3000.bin.gz -o student.onnx");
    }

    private int Run(ParseResult parse)
    {
        string output = parse.GetRequiredValue(_output);
        Files.CheckWritable(output);
        DistillationOptions options = DistillationWeights.Read(parse.GetValue(_temperature), parse.GetValue(_labelWeight), parse.GetValue(_teacherWeight), parse.GetValue(_hintWeight));
        TrainedNetworkInfo teacher = TrainedNetworkInfo.Load(parse.GetRequiredValue(_teacher), _screen);
        (TrainingData data, FineTuner tuner) = _retraining.Load(parse, teacher, _screen);
        string studentText = parse.GetRequiredValue(_student);
        TrainedNetworkInfo? file = File.Exists(studentText) || Path.GetExtension(studentText).Length > 1 && !studentText.Contains('=') ? TrainedNetworkInfo.Load(studentText, _screen) : null;
        Graph student = file?.Graph ?? NamedNetworks.Create(studentText, data.Sample, teacher.Outputs, _retraining.Seed(parse));

        // The data are prepared for the student; a new one takes what the teacher takes.
        InputPreparation own = file?.Preparation ?? data.Preparation;
        own.CheckColumns(data.Sample.ElementCount, studentText);
        tuner = tuner.With(tuner.Data with { Train = WithUnlabelled(parse, tuner.Data.Train), Preparation = own });
        int epochs = parse.GetValue(_epochs) ?? 40;
        float rate = file is null && student.Nodes.Exists(n => n.Operator is BatchNorm) ? BatchNormRate : CarefulRate;
        DistillationResult? result = null;
        _screen.Train(epochs, tuner.Data.Train.Count, report => result = Distiller.Train(
            teacher.Graph, student, tuner, options, Hints(parse), epochs, _retraining.Rate(parse, rate), data.Preparation, report, _cancellation));
        if (result!.Epochs.Count == 0)
        {
            throw new OperationCanceledException();
        }

        result.Graph.Describe(own);
        AtomicFile.Write(output, stream => OnnxExporter.Write(result.Graph, stream));
        if (result.Failure is { } failure)
        {
            throw new InputException($"{failure}; {output} holds the best student until epoch {result.Epochs.Count}");
        }

        // Who has stopped it does not wait for the test.
        bool isStopped = result.Epochs.Count < epochs;
        double test = data.Test is null || isStopped ? double.NaN : tuner.AccuracyOn(tuner.Open(result.Graph), data.Test, _cancellation);
        if (parse.GetValue(_json))
        {
            _screen.Json(json => Write(json, result, output, test));
        }
        else
        {
            Write(_screen.Results, result, output, test);
        }

        if (isStopped)
        {
            _screen.Note($"stopped after epoch {result.Epochs.Count} of {epochs}: {output} holds the best student until then");
            return ExitCode.Cancelled;
        }

        return ExitCode.Done;
    }

    private (string Teacher, string Student)[] Hints(ParseResult parse) =>
    [
        .. (parse.GetValue(_hints) ?? []).Select(text => text.Split('=', 2) is [{ Length: > 0 } teacher, { Length: > 0 } student]
            ? (teacher, student)
            : throw new InputException($"--hint takes a tensor of the teacher and one of the student, as in relu3=relu2, not '{text}'")),
    ];

    private Dataset WithUnlabelled(ParseResult parse, Dataset train) => parse.GetValue(_unlabelled) is { } path
        ? JoinedSamples.Join(train, DatasetLoader.Load(path, new DatasetOptions { ExpectedElements = train.SampleShape.ElementCount }))
        : train;

    private static void Write(IAnsiConsole console, DistillationResult result, string output, double test)
    {
        LearningCurve.Write("held-out accuracy %", "F1", [new LearningCurve.Series("student", [.. result.Epochs.Select(a => 100 * a)], '*')], console);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{output}: {Cost.Parameters(result.Graph):N0} parameters, {Cost.Macs(result.Graph):N0} multiply-accumulates"));
        console.WriteLine($"accuracy held out: {Percent(result.Accuracy)} (teacher {Percent(result.TeacherAccuracy)})");
        if (double.IsFinite(test))
        {
            console.WriteLine($"accuracy test: {Percent(test)}");
        }
    }

    private static void Write(Utf8JsonWriter json, DistillationResult result, string output, double test)
    {
        json.WriteString("file", output);
        json.WriteNumber("teacherAccuracy", result.TeacherAccuracy);
        json.WriteNumber("accuracy", result.Accuracy);
        if (double.IsFinite(test))
        {
            json.WriteNumber("test", test);
        }

        json.WriteNumber("parameters", Cost.Parameters(result.Graph));
        json.WriteNumber("macs", Cost.Macs(result.Graph));
        json.WriteStartArray("epochs");
        foreach (double accuracy in result.Epochs)
        {
            json.WriteNumberValue(accuracy);
        }

        json.WriteEndArray();
    }

    private static string Percent(double part) => (100 * part).ToString("F2", CultureInfo.InvariantCulture) + " %";
}
