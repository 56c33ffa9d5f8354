using System.CommandLine;
using TinyInference.Converter;
using TinyInference.Converter.Cli;
using TinyInference.IlMeter;

namespace TinyInference.SideBySide;

/// <summary>The benchmark's command line.</summary>
internal sealed class SideBySideCommand
{
    private readonly Argument<string?> _folder = new("FOLDER") { Description = "holds MLPerf Tiny's networks (kws_ref_model.tflite, pretrainedResnet_quant.tflite, vww_96_int8.tflite, ad01_int8.tflite); default: shared/models/mlperf-tiny beside the repository, where it is", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _network = Arguments.Text("--network", "NAME", "only this one");
    private readonly Option<string?> _model = Arguments.Text("--model", "FILE", "a model of your own instead: .tflite or .onnx");
    private readonly Option<string?> _calibration = Arguments.Text("--calibration", "DATA", "typical inputs for it, where it is a float model: what 'convert' takes");
    private readonly Option<bool> _noSoftmax = Arguments.Flag("--no-softmax", "without the softmax at its end, as 'convert' has it");
    private readonly Option<bool> _update = Arguments.Flag("--update", "write the table and its plot into docs");
    private readonly Option<int?> _random = Arguments.Count("--random", "compare so many random layers, byte by byte, instead");
    private readonly Option<int?> _seed = Arguments.Count("--seed", "of the random layers; default 1", 1);
    private readonly Option<string?> _clr = FromEnvironment("--nanoclr", "COMMAND", "nanoCLR with the arguments that precede the .pe files");
    private readonly Option<string?> _processor = FromEnvironment("--metadata-processor", "FILE", "nanoFramework's metadata processor");
    private readonly Option<string?> _libraries = FromEnvironment("--nano-libraries", "FOLDER", "mscorlib, nanoFramework.System.Text and System.IO.Streams, .dll and .pe");
    private readonly Screen _screen;

    private SideBySideCommand(Screen screen) => _screen = screen;

    public static int Run(string[] args, Screen screen)
    {
        var command = new SideBySideCommand(screen);
        var root = new RootCommand("Runs networks by the loop that everyone writes, by the runtime's kernels and as generated code, side by side.")
        {
            command._folder, command._network, command._model, command._calibration, command._noSoftmax, command._update, command._random, command._seed, command._clr, command._processor, command._libraries,
        };
        root.SetAction(command.Run);
        return BenchmarkCommand.Invoke(root, args, screen);
    }

    /// <summary>An option whose value an environment variable can give: --nano-x is TINYINFERENCE_NANO_X.</summary>
    private static Option<string?> FromEnvironment(string name, string helpName, string description)
    {
        string variable = $"TINYINFERENCE_{name[2..].Replace('-', '_').ToUpperInvariant()}";
        Option<string?> option = Arguments.Text(name, helpName, $"{description}; default: {variable}");
        option.DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
        return option;
    }

    private int Run(ParseResult parse)
    {
        if (parse.GetValue(_random) is { } count)
        {
            RandomLayers.Compare(count, parse.GetValue(_seed)!.Value, _screen.Note);
            _screen.Results.Profile.Out.Writer.WriteLine($"{count:N0} random layers: plain, packed, sparse and generated gave the same bytes");
            return ExitCode.Done;
        }

        using NanoClr? nano = OpenNano(parse);
        var rows = new List<Figures>();
        foreach (BenchNetwork network in Networks(parse))
        {
            _screen.Note($"{network.Name} ...");
            rows.AddRange(Measure(network, nano));
        }

        _screen.Results.Profile.Out.Writer.Write(Figures.Table(rows));
        if (parse.GetValue(_update))
        {
            StoredFigures.Update(rows);
            _screen.Note($"written: {StoredFigures.TablePath} and {StoredFigures.PlotPath}");
        }

        return ExitCode.Done;
    }

    private IEnumerable<BenchNetwork> Networks(ParseResult parse)
    {
        if (parse.GetValue(_model) is { } model)
        {
            return [BenchNetwork.Of(model, parse.GetValue(_calibration), parse.GetValue(_noSoftmax), _screen)];
        }

        string? kws = RepositoryFolders.TryShared("models/mlperf-tiny/kws_ref_model.tflite");
        string? folder = parse.GetValue(_folder) ?? Path.GetDirectoryName(kws);
        IReadOnlyList<BenchNetwork> given = folder is null ? [] : BenchNetwork.In(folder);
        if (given.Count == 0)
        {
            _screen.Warning(folder is null
                ? "MLPerf Tiny's networks are left out: give the folder that holds them"
                : $"MLPerf Tiny's networks are left out: none of them is in {folder}");
        }

        return given.Concat(BenchNetwork.Own).Where(n => parse.GetValue(_network) is not { } only || only == n.Name);
    }

    private NanoClr? OpenNano(ParseResult parse)
    {
        if (parse.GetValue(_clr) is { } clr && parse.GetValue(_processor) is { } processor && parse.GetValue(_libraries) is { } libraries)
        {
            return new NanoClr(clr, processor, libraries);
        }

        _screen.Warning("nanoCLR is left out: to measure it too, give --nanoclr, --metadata-processor and --nano-libraries");
        return null;
    }

    private IEnumerable<Figures> Measure(BenchNetwork network, NanoClr? nano)
    {
        IReadOnlyList<Contender> contenders = Contender.All(network.Open(), out long macs);
        double[] milliseconds = DesktopClock.Milliseconds([.. contenders.Select(c => c.Run)]);
        sbyte[] expected = contenders[0].Output();
        for (int i = 0; i < contenders.Count; i++)
        {
            Contender contender = contenders[i];
            Require(contender.Output().AsSpan().SequenceEqual(expected), network, contender);
            double? nanoMs = null;
            if (nano is not null)
            {
                (sbyte[] output, long microseconds) = nano.Run(contender.Device);
                if (output.AsSpan().SequenceEqual(expected))
                {
                    nanoMs = microseconds / 1000.0;
                }
                else
                {
                    _screen.Warning($"{network.Name}, {contender.Way}: other bytes on nanoCLR than on the desktop; its time is left out");
                }
            }

            yield return new Figures(network.Name, contender.Way, milliseconds[i], macs / milliseconds[i] / 1000, (double)contender.Count().Total / macs, nanoMs);
        }
    }

    private static void Require(bool isSame, BenchNetwork network, Contender contender)
    {
        if (!isSame)
        {
            throw new InputException($"{network.Name}, {contender.Way}: other bytes than the {Contender.Naive}");
        }
    }
}
