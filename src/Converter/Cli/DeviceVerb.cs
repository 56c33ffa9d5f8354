using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Spectre.Console;
using TinyInference.Converter.Devices;
using TinyInference.Device;

namespace TinyInference.Converter.Cli;

/// <summary>device: the firmware's console on this machine, for trying and testing without a board.</summary>
internal sealed class DeviceVerb
{
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private DeviceVerb(Screen screen, CancellationToken cancellation)
    {
        _screen = screen;
        _cancellation = cancellation;
    }

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var verb = new DeviceVerb(screen, cancellation);
        Argument<string> blob = Arguments.Path("BLOB", "the network, a .tinf file");
        Option<bool> pty = Arguments.Flag("--pty", "serve a new pseudo-terminal and print its name (Linux, macOS)");
        Option<int?> tcp = Arguments.Port("--tcp", "serve a TCP port of this machine, one client after the other; 0 for any free port");
        Option<bool> stdio = Arguments.Flag("--stdio", "serve standard input and output");
        Option<string?> name = Arguments.Text("--name", "NAME", "what the device calls itself; default: TinyInference");
        var command = new Command("device", "Runs the firmware's serial console on this machine: the MLPerf Tiny protocol, and verbs of our own. Ctrl-C ends it.") { blob, pty, tcp, stdio, name };
        command.Validators.Add(result =>
        {
            int ways = (result.GetValue(pty) ? 1 : 0) + (result.GetResult(tcp) is { Implicit: false } ? 1 : 0) + (result.GetValue(stdio) ? 1 : 0);
            if (ways != 1)
            {
                result.AddError("give one of --pty, --tcp PORT and --stdio");
            }
        });
        command.SetAction(parse => verb.Run(
            parse.GetRequiredValue(blob),
            parse.GetValue(name) ?? "TinyInference",
            parse.GetValue(pty),
            parse.GetValue(stdio) ? null : parse.GetValue(tcp)));
        return command.WithExample("device kws.tinf --pty");
    }

    private int Run(string blob, string name, bool pty, int? port)
    {
        // For its messages: the console loads the bytes again.
        _ = BlobFile.Load(blob);
        var store = new MemoryModelStore(Files.Read(blob, BlobFile.MaximumBytes));
        if (pty)
        {
            using Terminal terminal = Terminal.CreatePseudo(_cancellation);
            Announce(terminal.Name);
            Serve(terminal, store, name);
        }
        else if (port is { } number)
        {
            ServeTcp(number, store, name);
        }
        else
        {
            using Stream input = _screen.OpenInput();
            using Stream output = _screen.OpenOutput();
            Serve(new StreamChannel(input, output, _cancellation), store, name);
        }

        return ExitCode.Done;
    }

    /// <summary>Tells where to connect, before anything is served.</summary>
    private void Announce(string line)
    {
        _screen.Results.WriteLine(line);
        _screen.Flush();
    }

    private static void Serve(IByteChannel channel, MemoryModelStore store, string name)
    {
        var platform = new DesktopPlatform();
        new DeviceConsole(channel, platform, platform, store, null, name).Run();
    }

    private void ServeTcp(int port, MemoryModelStore store, string name)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start(1);
        }
        catch (SocketException e)
        {
            throw new InputException($"--tcp {port}: cannot be served: {e.Message}; give another port, or 0 for any", e);
        }

        Announce($"tcp:127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        while (!_cancellation.IsCancellationRequested)
        {
            try
            {
                using TcpClient client = listener.AcceptTcpClientAsync(_cancellation).AsTask().GetAwaiter().GetResult();
                client.NoDelay = true;
                using NetworkStream stream = client.GetStream();
                Serve(new StreamChannel(stream, stream, _cancellation), store, name);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // Ctrl-C, or a client that went away before it was served.
            }
        }
    }
}
