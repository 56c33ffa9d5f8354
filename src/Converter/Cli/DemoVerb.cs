using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using Spectre.Console;

namespace TinyInference.Converter.Cli;

/// <summary>demo: the main job on the sample that the tool carries, as the commands that a user would type.</summary>
internal static class DemoVerb
{
    public const string ModelName = "model.onnx";
    public const string CalibrationName = "calibration.npz";
    public const string TestName = "test.npz";

    /// <summary>Before the names of the sample's files among the assembly's resources.</summary>
    private const string ResourcePrefix = "samples/demo/";

    /// <summary>The sample's files that this build carries.</summary>
    public static bool IsAvailable => new[] { ModelName, CalibrationName, TestName }
        .All(name => Assembly.GetExecutingAssembly().GetManifestResourceInfo(ResourcePrefix + name) is not null);

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Option<string?> keep = Arguments.Text("--keep", "FOLDER", "leave the sample and the blob in this folder, to go on from there");
        var command = new Command("demo", "Shows the main job on a small sample: from a network to a blob to its result. Nothing else is needed, and it takes a few seconds.") { keep };
        command.SetAction(parse =>
        {
            if (parse.GetValue(keep) is { } folder)
            {
                return Run(Extract(Create(folder)), screen, cancellation);
            }

            DirectoryInfo temporary = Directory.CreateTempSubdirectory("tinyinference-");
            try
            {
                return Run(Extract(temporary.FullName), screen, cancellation);
            }
            finally
            {
                temporary.Delete(recursive: true);
            }
        });
        return command.WithExample("demo --keep sample");
    }

    /// <param name="folder">Holds <see cref="ModelName"/>, <see cref="CalibrationName"/> and <see cref="TestName"/>; the blob comes beside them.</param>
    public static int Run(string folder, Screen screen, CancellationToken cancellation)
    {
        string model = Path.Combine(folder, ModelName);
        string calibration = Path.Combine(folder, CalibrationName);
        string test = Path.Combine(folder, TestName);
        string blob = Path.Combine(folder, "demo.tinf");
        (string Purpose, string[] Arguments)[] steps =
        [
            ("how good the network is in float", ["evaluate", model, "--data", test]),
            ("from the network to a blob of int8 numbers", ["convert", model, "--calibration", calibration, "-o", blob]),
            ("what the blob costs on a device", ["inspect", blob]),
            ("how good the blob is, run by the runtime that devices run", ["evaluate", blob, "--data", test]),
        ];
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < steps.Length; i++)
        {
            (string purpose, string[] arguments) = steps[i];
            string shown = string.Join(' ', arguments.Select(a => a.StartsWith(folder, StringComparison.Ordinal) ? Path.GetFileName(a) : a));
            screen.Results.MarkupLineInterpolated($"[bold]{i + 1} of {steps.Length}: {purpose}[/]");
            screen.Results.MarkupLineInterpolated($"[green]$ {Tool.Name} {shown}[/]");
            int code = Tool.Run(arguments, screen, cancellation);
            if (code != ExitCode.Done)
            {
                return code;
            }

            screen.Results.WriteLine();
        }

        screen.Results.WriteLine($"done in {watch.Elapsed.TotalSeconds:F1} s");
        return ExitCode.Done;
    }

    private static string Create(string folder)
    {
        try
        {
            return Directory.CreateDirectory(folder).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException($"{folder}: this folder cannot be made: {e.Message}", e);
        }
    }

    private static string Extract(string folder)
    {
        foreach (string name in new[] { ModelName, CalibrationName, TestName })
        {
            using Stream resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourcePrefix + name)!;
            IO.AtomicFile.Write(Path.Combine(folder, name), resource.CopyTo);
        }

        return folder;
    }
}
