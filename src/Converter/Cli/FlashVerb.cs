using System.CommandLine;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using TinyInference.Converter.Boards;
using TinyInference.Converter.Devices;

namespace TinyInference.Converter.Cli;

/// <summary>flash: firmware, application and blob onto a board, through the tool nanoff.</summary>
internal sealed class FlashVerb
{
    /// <summary>Where the application looks for its model.</summary>
    private const string ModelFile = @"I:\model.tinf";

    /// <summary>Says which of two models is in use (FileModelStore).</summary>
    private const string SelectionFile = @"I:\model.sel";

    private static readonly string s_application = Path.Combine("firmware", "App", "bin", "Release", "TinyInference.App.bin");

    private readonly Argument<string> _blob = Arguments.Path("BLOB", "the network, a .tinf file");
    private readonly Option<string> _board = Arguments.Board(required: true);
    private readonly Option<string> _port = Arguments.RequiredPath("--port", "PORT", "the serial port that flashes the board", "-p");
    private readonly Option<string?> _console = Arguments.Text("--console", "PORT", "where the board's console is, to verify the model's checksum; default: not verified");
    private readonly Option<string?> _app = Arguments.Text("--app", "FILE", $"the application's image; default: {s_application}");
    private readonly Option<bool> _keep = Arguments.Flag("--keep-firmware", "do not update nanoFramework's own firmware");
    private readonly Option<string?> _nanoff = Arguments.Text("--nanoff", "FILE", "the flasher; default: nanoff from PATH");
    private readonly Option<bool> _dryRun = Arguments.Flag("--dry-run", "print the exact commands and do nothing");
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private FlashVerb(Screen screen, CancellationToken cancellation)
    {
        _screen = screen;
        _cancellation = cancellation;
    }

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var verb = new FlashVerb(screen, cancellation);
        var command = new Command("flash", "Puts nanoFramework's firmware, the application and a blob onto a board, with the tool nanoff. Then asks the board's console for the model's checksum.")
        {
            verb._blob, verb._board, verb._port, verb._console, verb._app, verb._keep, verb._nanoff, verb._dryRun,
        };
        command.SetAction(verb.Run);
        return command.WithExample("flash --board esp32-wroom-32 --port /dev/ttyUSB0 kws.tinf --dry-run");
    }

    private int Run(ParseResult parse)
    {
        string path = parse.GetRequiredValue(_blob);
        Board board = BoardFiles.Load(parse.GetRequiredValue(_board));
        Model model = BlobFile.Load(path);
        byte[] blob = Files.Read(path, BlobFile.MaximumBytes);
        BoardFit.Check(blob, board, path);
        if (blob.Length > board.Partitions.StorageBytes)
        {
            throw new InputException($"{path}: has {blob.Length:N0} bytes, the internal storage of {board.Name} {board.Partitions.StorageBytes:N0}; put it into the application as a resource (docs/from-board-to-model.md)");
        }

        string application = parse.GetValue(_app) ?? s_application;
        string deployment = Path.GetFullPath(path) + ".deploy.json";
        string port = parse.GetRequiredValue(_port);
        List<string[]> steps = Steps(board, port, application, deployment, parse.GetValue(_keep));
        string json = DeploymentJson(port, Path.GetFullPath(path));
        if (parse.GetValue(_dryRun))
        {
            Print(steps, deployment, json, parse.GetValue(_console), model);
            return ExitCode.Done;
        }

        Flasher flasher = Flasher.Find(parse.GetValue(_nanoff));
        CheckApplication(application);
        Files.Write(deployment, Encoding.UTF8.GetBytes(json), _cancellation);
        foreach (string[] step in steps)
        {
            _screen.Note(Flasher.CommandLine(step));
            flasher.Run(step, _screen.Note, _cancellation);
        }

        Verify(parse.GetValue(_console), model);
        return ExitCode.Done;
    }

    private static List<string[]> Steps(Board board, string port, string application, string deployment, bool keepFirmware)
    {
        var steps = new List<string[]>();
        if (!keepFirmware)
        {
            steps.Add(["--target", board.Target, "--serialport", port, "--update"]);
        }

        steps.Add(["--target", board.Target, "--serialport", port, "--deploy", "--image", application]);
        steps.Add(["--filedeployment", deployment]);
        return steps;
    }

    /// <summary>What nanoff's --filedeployment reads.</summary>
    private static string DeploymentJson(string port, string blob)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("SerialPort", port);
            json.WriteStartArray("Files");
            json.WriteStartObject();
            json.WriteString("DestinationFilePath", ModelFile);
            json.WriteString("SourceFilePath", blob);
            json.WriteEndObject();

            // Without a source the file is deleted: a model that was swapped in over the console would win.
            json.WriteStartObject();
            json.WriteString("DestinationFilePath", SelectionFile);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private void Print(List<string[]> steps, string deployment, string json, string? console, Model model)
    {
        IAnsiConsole results = _screen.Results;
        foreach (string[] step in steps)
        {
            results.WriteLine(Flasher.CommandLine(step));
        }

        results.WriteLine();
        results.WriteLine($"{deployment}:");
        results.WriteLine(json);
        if (console is not null)
        {
            results.WriteLine();
            results.WriteLine($"then {console} is asked for the model's checksum: {model.Checksum:x8}");
        }
    }

    private static void CheckApplication(string application)
    {
        if (!File.Exists(application))
        {
            throw new InputException($"{application}: there is no such file; build firmware/App with the nanoFramework project system (docs/from-board-to-model.md), or name its image with --app");
        }
    }

    private void Verify(string? console, Model model)
    {
        if (console is null)
        {
            _screen.Results.WriteLine($"flashed; model {model.Checksum:x8} was not verified: give the console's port with --console");
            return;
        }

        using DeviceClient client = DeviceClient.Connect(console, _cancellation);
        string checksum = client.Ask("model", "m-model-crc-");
        if (checksum != $"{model.Checksum:x8}")
        {
            throw new InputException($"{console}: the board runs a model with the checksum {checksum}, {model.Checksum:x8} was flashed; restart the board, and look whether its application reads {ModelFile}");
        }

        _screen.Results.WriteLine($"flashed and verified: the board runs model {checksum}");
    }
}
