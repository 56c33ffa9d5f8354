using System.CommandLine;
using Spectre.Console;
using TinyInference.Converter;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Estimation;
using TinyInference.Converter.Lowering;

namespace TinyInference.IlMeter;

/// <summary>The meter's command line.</summary>
internal sealed class MeterCommand
{
    private readonly Argument<string?> _model = new("MODEL") { Description = "a quantized .tflite or .onnx file, or a blob; without one, a table of the reference networks is written", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _input = Arguments.Text("--input", "FILE", "the bytes of all inputs; default: random ones, the same every time");
    private readonly Option<bool> _json = Arguments.Flag("--json", "write JSON");
    private readonly Option<bool> _sort = Arguments.Flag("--sort", "the most expensive operator first");
    private readonly Option<KernelPreference> _kernels = Arguments.Choice(
        "--kernels",
        "which kernels a model gets, where there is a choice; default: the converter's. A blob has its own",
        ("balanced", KernelPreference.Balanced),
        ("speed", KernelPreference.Speed),
        ("plain", KernelPreference.Plain));

    private readonly Option<bool> _update = Arguments.Flag("--update", "store the counts of the reference networks, which the tests compare with");
    private readonly Screen _screen;

    private MeterCommand(Screen screen) => _screen = screen;

    public static int Run(string[] args, Screen screen)
    {
        var command = new MeterCommand(screen);
        var root = new RootCommand("Counts the IL instructions that one inference executes.") { command._model, command._input, command._kernels, command._json, command._sort, command._update };
        root.SetAction(command.Run);
        return BenchmarkCommand.Invoke(root, args, screen);
    }

    private int Run(ParseResult parse)
    {
        if (!InstructionMeter.CountsOptimizedCode)
        {
            _screen.Warning("this is a Debug build, which executes more instructions: build with -c Release");
        }

        if (parse.GetValue(_model) is { } model)
        {
            MeasureOne(model, parse);
        }
        else if (parse.GetValue(_update))
        {
            StoredCounts.Update();
            _screen.Note($"written: {StoredCounts.FilePath}");
        }
        else
        {
            WriteReferences(parse.GetValue(_kernels));
        }

        return ExitCode.Done;
    }

    private void WriteReferences(KernelPreference kernels)
    {
        foreach (ReferenceNetwork absent in ReferenceNetwork.All.Where(n => !n.IsPresent))
        {
            _screen.Warning($"{absent.Name} is left out: shared/{absent.SharedFile} not found beside the repository");
        }

        TextWriter writer = _screen.Results.Profile.Out.Writer;
        ReferenceTable.Write([.. ReferenceNetwork.All.Where(n => n.IsPresent).Select(n => n.Measure(kernels))], writer);
        writer.WriteLine();
        ReferenceTable.Write([.. WordCounts.MeasureCells(kernels)], writer);
    }

    private void MeasureOne(string path, ParseResult parse)
    {
        byte[] blob = NetworkCounts.ReadBlob(path, parse.GetValue(_kernels), _screen);
        byte[]? input = parse.GetValue(_input) is { } file ? Files.Read(file, BlobFile.MaximumBytes) : null;
        NetworkCounts network = NetworkCounts.Measure(path, blob, input);
        if (parse.GetValue(_sort))
        {
            network = network.Sorted();
        }

        if (parse.GetValue(_json))
        {
            _screen.Json(json => CountsJson.Write(network, json));
        }
        else
        {
            CountsText.Write(network, _screen.Results);
            if (WordCounts.IsLanguageModel(Model.Load(blob)))
            {
                _screen.Results.WriteLine(WordCounts.Measure(path, blob).ToText());
            }
        }
    }
}
