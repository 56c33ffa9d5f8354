using System.CommandLine;
using TinyInference.Converter;
using TinyInference.Converter.Cli;

namespace TinyInference.IlMeter;

/// <summary>How a benchmark's command line is run: what is wrong with the input is a line on standard error, and the exit code says so.</summary>
internal static class BenchmarkCommand
{
    public static int Invoke(RootCommand root, string[] args, Screen screen)
    {
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
}
