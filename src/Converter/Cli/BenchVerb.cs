using System.CommandLine;
using System.Text;
using TinyInference.Converter.Bench;
using TinyInference.Converter.Boards;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Data;
using TinyInference.Converter.Devices;
using TinyInference.Converter.Estimation;

namespace TinyInference.Converter.Cli;

/// <summary>bench: accuracy and speed of a device, over its serial line.</summary>
internal sealed class BenchVerb
{
    private readonly Option<string> _port = Arguments.RequiredPath("--port", "PORT", "a serial port, a pseudo-terminal, or tcp:HOST:PORT", "-p");
    private readonly Option<NetworkTask?> _task = Arguments.Task();
    private readonly Option<int?> _seconds = Arguments.Count("--window", "seconds that each of 5 runs for throughput takes at least; default 1, the benchmark's rules ask for 10", 1);
    private readonly Option<string?> _blob = Arguments.Text("--blob", "BLOB", "the model's blob: shows beside each operator's time what is expected of --board");
    private readonly Option<string> _board = Arguments.Board(required: false);
    private readonly Option<string?> _html = Arguments.Text("--html", "FILE", "write a page with plots");
    private readonly Option<bool> _json = Arguments.Flag("--json", "one JSON object on standard output");
    private readonly DataOptions _data = new();
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private BenchVerb(Screen screen, CancellationToken cancellation)
    {
        _screen = screen;
        _cancellation = cancellation;
    }

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var verb = new BenchVerb(screen, cancellation);
        var command = new Command("bench", "Measures a device over its serial line: accuracy on data, latency, throughput, and the time of each operator.") { verb._port };
        verb._data.AddTo(command, withLabels: true);
        foreach (Option option in new Option[] { verb._task, verb._seconds, verb._blob, verb._board, verb._html, verb._json })
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(verb._blob) is null != result.GetValue(verb._board) is null)
            {
                result.AddError("--blob and --board go together: an estimate needs both");
            }
        });
        command.SetAction(verb.Run);
        return command.WithExample("bench --port /dev/ttyUSB0 --data kws01-mfcc-500.zip --html kws.html");
    }

    private int Run(ParseResult parse)
    {
        string? html = parse.GetValue(_html);
        if (html is not null)
        {
            Files.CheckWritable(html);
        }

        using DeviceClient client = DeviceClient.Connect(parse.GetRequiredValue(_port), _cancellation);
        DeviceModel model = DeviceModel.Ask(client);
        var runner = new BenchRunner(client, model);
        NetworkTask? task = parse.GetValue(_task);
        (Dataset data, InputBinding binding) = _data.Load(parse, runner.Network, (task ?? model.Task) == NetworkTask.Regression, _screen);
        IReadOnlyList<double>? estimates = Estimates(parse, client, model);
        var window = TimeSpan.FromSeconds(parse.GetValue(_seconds) ?? 1);
        BenchResult result = _screen.Work(
            $"{data.Count:N0} samples through {client.Port}",
            progress => runner.Run(data, binding, task, window, estimates, progress, _cancellation));
        if (html is not null)
        {
            Files.Write(html, Encoding.UTF8.GetBytes(BenchHtml.Create(result)), _cancellation);
        }

        if (parse.GetValue(_json))
        {
            _screen.Json(writer => BenchJson.Write(result, writer));
        }
        else
        {
            BenchText.Write(result, _screen.Results);
        }

        return ExitCode.Done;
    }

    /// <summary>What each operator is expected to take with managed kernels, in microseconds; null where it was not asked for.</summary>
    private List<double>? Estimates(ParseResult parse, DeviceClient client, DeviceModel model)
    {
        if (parse.GetValue(_blob) is not { } path || parse.GetValue(_board) is not { } board)
        {
            return null;
        }

        Model blob = BlobFile.Load(path);
        return $"{blob.Checksum:x8}" == model.Checksum
            ? [.. TimeEstimate.Of(Files.Read(path, BlobFile.MaximumBytes), BlobReport.Create(blob, path), BoardFiles.Load(board)).Select(e => e.Managed)]
            : throw new InputException($"{path}: has the checksum {blob.Checksum:x8}, the model on {client.Port} {model.Checksum}; give the blob that is on the device");
    }
}
