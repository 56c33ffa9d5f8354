namespace TinyInference.Converter.Cli;

/// <summary>What the process returns to the shell.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The input is at fault (or the tool itself: then it says so).</summary>
    public const int Failed = 1;

    public const int Usage = 2;

    /// <summary>Ended by Ctrl-C: 128 and the number of SIGINT, as shells count.</summary>
    public const int Cancelled = 130;
}
