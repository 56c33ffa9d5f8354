using TinyInference.Converter.Cli;

namespace Converter.Tests.Cli;

/// <summary>The tool run in this process, its streams kept as text.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs one command line.</summary>
    public static ToolRun Of(params string[] args) => At(null, CancellationToken.None, args);

    /// <param name="width">Columns of the terminal; null for a pipe.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <param name="args">The command line after the tool's name.</param>
    public static ToolRun At(int? width, CancellationToken cancellation, params string[] args) => With([], width, args, cancellation);

    /// <summary>Runs one command line with <paramref name="input"/> as its standard input.</summary>
    public static ToolRun Fed(byte[] input, params string[] args) => With(input, null, args, CancellationToken.None);

    private static ToolRun With(byte[] input, int? width, string[] args, CancellationToken cancellation)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var screen = new Screen(Screen.Plain(output, width), Screen.Plain(error, width), () => new MemoryStream(input), () => Stream.Null);
        int code = Tool.Run(args, screen, cancellation);
        return new ToolRun(code, Lines(output), Lines(error));
    }

    /// <summary>Without the spaces that fill table rows.</summary>
    private static string Lines(StringWriter text) => string.Join('\n', text.ToString().Split('\n').Select(l => l.TrimEnd()));
}
