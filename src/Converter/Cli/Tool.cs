using System.CommandLine;
using System.CommandLine.Invocation;
using System.Diagnostics;
using System.Runtime.InteropServices;
using TinyInference.Converter.Cli.Compressing;
using TinyInference.Converter.Cli.Language;
using TinyInference.Converter.Cli.Learning;
using TinyInference.Converter.Cli.Listening;
using TinyInference.Converter.Cli.Recipes;
using TinyInference.Converter.Cli.VoiceCommands;

namespace TinyInference.Converter.Cli;

/// <summary>The tool as a whole: verbs, and what becomes of every exception.</summary>
internal static class Tool
{
    public const string Name = "tinyinference";

    /// <summary>How long a verb may take to notice that it was cancelled before the process ends without it.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_sameSignal = TimeSpan.FromSeconds(0.5);

    /// <summary>Runs the tool on the process's own streams; Ctrl-C and SIGTERM cancel.</summary>
    public static int RunProcess(string[] args)
    {
        using var cancellation = new CancellationTokenSource();
        long first = 0;
        void Cancel(PosixSignalContext context)
        {
            // A second Ctrl-C ends the process at once; not the same one, which a wrapper may pass on to us beside the terminal.
            long now = Stopwatch.GetTimestamp();
            long since = Interlocked.CompareExchange(ref first, now, 0);
            context.Cancel = since == 0 || Stopwatch.GetElapsedTime(since, now) < s_sameSignal;
            cancellation.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        Screen screen = Screen.OfProcess();
        Task<int> work = Task.Run(() => Run(args, screen, cancellation.Token));
        Task late = Task.Delay(Timeout.Infinite, cancellation.Token).ContinueWith(_ => Task.Delay(s_grace), TaskScheduler.Default).Unwrap();
        return Task.WaitAny(work, late) == 0 ? work.Result : ExitCode.Cancelled;
    }

    /// <summary>Runs one command line to its end; nothing but the exit code comes out of it, whatever happens.</summary>
    public static int Run(string[] args, Screen screen, CancellationToken cancellation)
    {
        try
        {
            int code = Dispatch(args, screen, cancellation);
            screen.Flush();
            return code;
        }
        catch (Exception e)
        {
            return Report(e, screen);
        }
    }

    /// <summary>Every verb, in the order of the help.</summary>
    public static RootCommand CreateCommands(Screen screen, CancellationToken cancellation)
    {
        var root = new RootCommand("Converts neural networks to compact int8 blobs that run on microcontrollers with .NET nanoFramework.");
        root.Directives.Clear();
        foreach (Command verb in Verbs(screen, cancellation))
        {
            root.Add(verb);
        }

        root.SetHelp(screen);
        root.Options.OfType<VersionOption>().Single().Description = "show the version";
        return root;
    }

    /// <summary>Options are long or one letter each, and '@' in front of a word means nothing.</summary>
    public static ParserConfiguration ParserConfiguration => new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    private static IEnumerable<Command> Verbs(Screen screen, CancellationToken cancellation) =>
    [
        ConvertVerb.Create(screen, cancellation),
        InspectVerb.Create(screen, cancellation),
        TrainVerb.Create(screen, cancellation),
        PruneVerb.Create(screen, cancellation),
        DistilVerb.Create(screen, cancellation),
        RecipeVerb.Create(screen, cancellation),
        KeywordsVerb.Create(screen, cancellation),
        ListenVerb.Create(screen, cancellation),
        RunVerb.Create(screen, cancellation),
        EvaluateVerb.Create(screen, cancellation),
        CompareVerb.Create(screen, cancellation),
        DeviceVerb.Create(screen, cancellation),
        BenchVerb.Create(screen, cancellation),
        EstimateVerb.Create(screen),
        FlashVerb.Create(screen, cancellation),
        LightRnnVerb.Create(screen, cancellation),
        CommandsVerb.Create(screen, cancellation),
        .. DemoVerb.IsAvailable ? [DemoVerb.Create(screen, cancellation)] : Array.Empty<Command>(),
    ];

    private static int Dispatch(string[] args, Screen screen, CancellationToken cancellation)
    {
        RootCommand root = CreateCommands(screen, cancellation);
        if (args.Length == 0)
        {
            HelpScreen.Write(root, screen.Diagnostics);
            return ExitCode.Usage;
        }

        ParseResult parse = root.Parse(args, ParserConfiguration);
        if (parse.Action is ParseErrorAction)
        {
            UsageErrors.Write(parse, screen);
            return ExitCode.Usage;
        }

        return parse.Invoke(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = screen.Results.Profile.Out.Writer,
            Error = screen.Diagnostics.Profile.Out.Writer,
        });
    }

    private static int Report(Exception exception, Screen screen)
    {
        try
        {
            return Explain(exception, screen);
        }
        catch (IOException)
        {
            // Standard error cannot be written either: the exit code says it.
            return ExitCode.Failed;
        }
    }

    private static int Explain(Exception exception, Screen screen)
    {
        while (exception is AggregateException { InnerExceptions.Count: > 0 } aggregate)
        {
            exception = aggregate.InnerExceptions[0];
        }

        switch (exception)
        {
            case OperationCanceledException:
                screen.Note("cancelled");
                return ExitCode.Cancelled;
            case InputException:
                screen.Error(exception.Message);
                break;
            case IOException or UnauthorizedAccessException:
                // Files are read and written by code that names them; what is left is the standard output.
                screen.Error("standard output: " + exception.Message);
                break;
            case OutOfMemoryException:
                screen.Error("not enough memory for this input");
                break;
            default:
                screen.Error($"internal error: {exception.GetType().Name}: {exception.Message}");
                screen.Note($"This is a fault of {Name} and not of its input. Please report it to the TinyInference project, with the command line and the files.");
                break;
        }

        if (Environment.GetEnvironmentVariable("TINYINFERENCE_DEBUG") == "1")
        {
            screen.Note(exception.ToString());
        }

        return ExitCode.Failed;
    }
}
