using System.CommandLine;
using TinyInference.Converter;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Estimation;

namespace TinyInference.IlMeter;

/// <summary>The meter's command line.</summary>
internal sealed class MeterCommand
{
    private readonly Argument<string?> _model = new("MODEL") { Description = "a quantized .tflite or .onnx file, or a blob", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _input = Arguments.Text("--input", "FILE", "the bytes of all inputs; default: random ones, the same every time");
    private readonly Option<bool> _json = Arguments.Flag("--json", "write JSON");
    private readonly Option<bool> _sort = Arguments.Flag("--sort", "the most expensive operator first");
    private readonly Screen _screen;

    private MeterCommand(Screen screen) => _screen = screen;

    public static int Run(string[] args, Screen screen)
    {
        var command = new MeterCommand(screen);
        var root = new RootCommand("Counts the IL instructions that one inference executes.") { command._model, command._input, command._json, command._sort };
        root.SetAction(command.Run);
        try
        {
            int code = root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            screen.Flush();
            return code;
        }
        catch (InputException e)
        {
            screen.Error(e.Message);
            return ExitCode.Failed;
        }
    }

    private int Run(ParseResult parse)
    {
        if (!InstructionMeter.CountsOptimizedCode)
        {
            _screen.Warning("this is a Debug build, which executes more instructions: build with -c Release");
        }

        return parse.GetValue(_model) is { } model ? MeasureOne(model, parse) : ExitCode.Usage;
    }

    private int MeasureOne(string path, ParseResult parse)
    {
        byte[] blob = NetworkCounts.ReadBlob(path, _screen);
        byte[]? input = parse.GetValue(_input) is { } file ? Files.Read(file, BlobFile.MaximumBytes) : null;
        NetworkCounts network = NetworkCounts.Measure(path, blob, input);
        if (parse.GetValue(_json))
        {
            _screen.Json(json => CountsJson.Write(network, json));
        }
        else
        {
            CountsText.Write(network, parse.GetValue(_sort), _screen.Results);
        }

        return ExitCode.Done;
    }
}
