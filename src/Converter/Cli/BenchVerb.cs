using System.CommandLine;
using System.Text;
using TinyInference.Converter.Bench;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Data;
using TinyInference.Converter.Devices;

namespace TinyInference.Converter.Cli;

/// <summary>bench: accuracy and speed of a device, over its serial line.</summary>
internal sealed class BenchVerb
{
    private readonly Option<string> _port = Arguments.RequiredPath("--port", "PORT", "a serial port, a pseudo-terminal, or tcp:HOST:PORT", "-p");
    private readonly Option<NetworkTask?> _task = Arguments.Task();
    private readonly Option<int?> _seconds = Arguments.Count("--window", "seconds that each of 5 runs for throughput takes at least; default 1, the benchmark's rules ask for 10", 1);
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
        foreach (Option option in new Option[] { verb._task, verb._seconds, verb._html, verb._json })
        {
            command.Add(option);
        }

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
        var window = TimeSpan.FromSeconds(parse.GetValue(_seconds) ?? 1);
        BenchResult result = _screen.Work(
            $"{data.Count:N0} samples through {client.Port}",
            progress => runner.Run(data, binding, task, window, null, progress, _cancellation));
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
}
