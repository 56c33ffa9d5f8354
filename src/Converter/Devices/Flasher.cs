using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TinyInference.Converter.Devices;

/// <summary>The tool nanoff, which writes nanoFramework's firmware, applications and files to boards.</summary>
internal sealed partial class Flasher
{
    public const string Name = "nanoff";

    /// <summary>What a shell would not leave as it is.</summary>
    private static readonly SearchValues<char> s_special = SearchValues.Create(" \"'\\$&|;<>()*?");

    private readonly string _file;

    private Flasher(string file) => _file = file;

    /// <param name="named">The file that the user names; null to look for it.</param>
    /// <exception cref="InputException">It is not installed.</exception>
    public static Flasher Find(string? named)
    {
        if (named is not null)
        {
            return File.Exists(named) ? new Flasher(named) : throw new InputException($"--nanoff {named}: there is no such file");
        }

        string file = OperatingSystem.IsWindows() ? Name + ".exe" : Name;
        string tools = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet", "tools");
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append(tools)
            .Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        return new Flasher(found ?? throw new InputException($"{Name} is not installed; install it with 'dotnet tool install --global {Name}', or name it with --nanoff FILE"));
    }

    /// <summary>As one would type it.</summary>
    public static string CommandLine(IEnumerable<string> arguments) =>
        string.Join(' ', arguments.Prepend(Name).Select(a => a.AsSpan().ContainsAny(s_special) ? $"'{a.Replace("'", "'\\''", StringComparison.Ordinal)}'" : a));

    /// <summary>Runs one step.</summary>
    /// <param name="report">Is given each line that it prints.</param>
    /// <exception cref="InputException">It fails; says how, and what to do.</exception>
    public void Run(IReadOnlyList<string> arguments, Action<string> report, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(_file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = new Process { StartInfo = start };
        var errors = new List<string>();
        Lock sync = new();
        void Take(object sender, DataReceivedEventArgs e)
        {
            if (e.Data is { Length: > 0 } line)
            {
                lock (sync)
                {
                    errors.AddRange(ErrorCode().Matches(line).Select(m => m.Value));
                    report(line);
                }
            }
        }

        process.OutputDataReceived += Take;
        process.ErrorDataReceived += Take;
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new InputException($"{_file}: cannot be run: {e.Message}", e);
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using (cancellation.Register(() => process.Kill(entireProcessTree: true)))
        {
            process.WaitForExit();
        }

        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0 || errors.Count > 0)
        {
            string code = errors.Count > 0 ? errors[^1] : $"exit code {process.ExitCode}";
            throw new InputException($"'{CommandLine(arguments)}' failed ({code}): {Advice(code)}");
        }
    }

    /// <summary>For the codes that nanoff documents (its ExitCodes).</summary>
    private static string Advice(string code) => code switch
    {
        "E2000" or "E2001" or "E2002" => "the board's firmware does not answer; restart the board and look whether another program holds the port",
        "E2003" => "the blob could not be written to the board's storage; flash without --keep-firmware, so that storage exists",
        "E4000" or "E4002" or "E4003" or "E4004" => "the chip does not answer; hold its BOOT button while flashing begins, and try another cable",
        "E4001" => "the board's flash is smaller than its firmware takes; choose another board",
        "E4005" or "E6000" or "E6001" or "E6002" => "the serial port cannot be opened; look whether it is the right one, whether another program holds it, and whether you may use it",
        "E7000" => "the chip is not the board's; choose another board with --board",
        "E9005" => "nanoff knows no firmware of that target; update nanoff ('dotnet tool update --global nanoff')",
        "E9006" or "E9007" => "the firmware could not be downloaded; look at the network connection",
        "E9008" => "the application's image is missing; build firmware/App, or name it with --app",
        "E9010" => "no device is connected",
        _ => "see the lines above",
    };

    [GeneratedRegex(@"\bE\d{4}\b")]
    private static partial Regex ErrorCode();
}
