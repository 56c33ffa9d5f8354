using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace TinyInference.Converter.Cli;

/// <summary>Where the tool writes: results on standard output, progress and diagnostics on standard error.</summary>
internal sealed class Screen
{
    /// <summary>A pipe has no edge: nothing is wrapped or cut for it.</summary>
    private const int Unbounded = 100_000;

    private readonly Func<Stream> _openInput;
    private readonly Func<Stream> _openOutput;
    private readonly HashSet<string> _warnings = [];

    public Screen(IAnsiConsole results, IAnsiConsole diagnostics, Func<Stream> openInput, Func<Stream> openOutput)
    {
        Results = results;
        Diagnostics = diagnostics;
        _openInput = openInput;
        _openOutput = openOutput;
    }

    public IAnsiConsole Results { get; }

    public IAnsiConsole Diagnostics { get; }

    /// <summary>A person watches standard error: progress may be drawn and redrawn.</summary>
    public bool ShowsProgress => Diagnostics.Profile.Capabilities.Interactive && Diagnostics.Profile.Capabilities.Ansi;

    /// <summary>The process's own streams: plain text where they are no terminal or NO_COLOR is set.</summary>
    public static Screen OfProcess() => new(
        Console(System.Console.OpenStandardOutput(), System.Console.IsOutputRedirected, flush: !System.Console.IsOutputRedirected),
        Console(System.Console.OpenStandardError(), System.Console.IsErrorRedirected, flush: true),
        System.Console.OpenStandardInput,
        System.Console.OpenStandardOutput);

    /// <summary>A console that writes plain text to <paramref name="writer"/>.</summary>
    /// <param name="width">Columns, or null for no limit.</param>
    public static IAnsiConsole Plain(TextWriter writer, int? width = null)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = width ?? Unbounded;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    /// <summary>The process's standard input, as bytes.</summary>
    public Stream OpenInput() => _openInput();

    /// <summary>The process's standard output, as bytes; for output that is no text.</summary>
    public Stream OpenOutput() => _openOutput();

    public void Error(string message) => Diagnostics.MarkupLineInterpolated($"[red]error:[/] {message}");

    /// <summary>Says a thing once, however often a run meets it: a recipe reads the same files at every step.</summary>
    public void Warning(string message)
    {
        if (_warnings.Add(message))
        {
            Diagnostics.MarkupLineInterpolated($"[yellow]warning:[/] {message}");
        }
    }

    /// <summary>One line for the person at the terminal that is no result.</summary>
    public void Note(string message) => Diagnostics.WriteLine(message);

    /// <summary>Writes one indented JSON object, and nothing else, to standard output.</summary>
    public void Json(Action<Utf8JsonWriter> writeMembers)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }

        Results.Profile.Out.Writer.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    public void Flush() => Results.Profile.Out.Writer.Flush();

    private static IAnsiConsole Console(Stream stream, bool redirected, bool flush)
    {
        var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n", AutoFlush = flush };
        if (redirected)
        {
            return Plain(writer);
        }

        if (Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 })
        {
            return Plain(writer, TerminalWidth());
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Environment.GetEnvironmentVariable("TERM") == "dumb" ? AnsiSupport.No : AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = TerminalWidth();
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    /// <summary>Columns of the terminal; 80 where it does not say.</summary>
    private static int TerminalWidth()
    {
        try
        {
            return System.Console.WindowWidth is > 0 and int width ? Math.Max(width, 40) : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
