using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using Spectre.Console;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Cli.VoiceCommands;
using TinyInference.Converter.Commands;
using TinyInference.Converter.Data;
using TinyInference.Converter.Demo;

namespace TinyInference.Converter.Cli;

/// <summary>demo: the main job on the sample that the tool carries, as the commands that a user would type.</summary>
internal static class DemoVerb
{
    public const string ModelName = "model.onnx";
    public const string CalibrationName = "calibration-images-idx3-ubyte";
    public const string TestName = "test-images-idx3-ubyte";

    /// <summary>Before the names of the sample's files among the assembly's resources.</summary>
    private const string ResourcePrefix = "samples/meter-digits/";

    private const string CommandsName = "commands.tinf";
    private const string CommandsPrefix = "samples/commands/";
    private const string KeywordsName = "keywords.tinf";
    private const string RecordingName = "clean-kitchen.wav";
    private const string KeywordsPrefix = "samples/keywords/";

    private static readonly string[] s_sentences =
    [
        "please vacuum under the bed at nine", "turn the guest network off", "no internet for the kids until seven", "play some jazz by miles davis",
    ];

    /// <summary>Digits that are shown with their answers, where the terminal is wide enough.</summary>
    private const int Shown = 5;

    /// <summary>Between two digits.</summary>
    private const string Gap = "  ";

    /// <summary>This build carries the sample's network.</summary>
    public static bool IsAvailable => Assembly.GetExecutingAssembly().GetManifestResourceInfo(ResourcePrefix + ModelName) is not null;

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Option<string?> keep = Arguments.Text("--keep", "FOLDER", "leave network, blob and pictures there, those to train with too", "--save");
        var command = new Command("demo", "Shows the main job on a small sample: from a network to a blob to its result. Nothing else is needed, and it takes a few seconds.") { keep };
        command.SetAction(parse =>
        {
            if (parse.GetValue(keep) is { } folder)
            {
                string path = Extract(Create(folder));
                MeterDigits.Save(path, "train", MeterDigits.TrainingPictures, seed: 1);
                return Run(path, screen, cancellation);
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

        ShowAnswers(test, Networks.Open(blob, screen), screen);
        ShowCommands(folder, screen);
        int heard = ShowListening(folder, screen, cancellation);
        if (heard != ExitCode.Done)
        {
            return heard;
        }

        screen.Results.WriteLine($"done in {watch.Elapsed.TotalSeconds:F1} s");
        return ExitCode.Done;
    }

    /// <summary>Sentences and what the sample's network for commands says of them.</summary>
    private static void ShowCommands(string folder, Screen screen)
    {
        string blob = ExtractFile(CommandsPrefix, CommandsName, folder);
        var runner = new CommandRunner(BlobFile.Load(blob), CommandsName);
        screen.Results.WriteLine();
        screen.Results.MarkupLineInterpolated($"[bold]sentences, understood by a blob of {new FileInfo(blob).Length:N0} bytes[/]");
        screen.Results.MarkupLineInterpolated($"[green]$ {Tool.Name} commands chat {CommandsName}[/]");
        foreach (string sentence in s_sentences)
        {
            screen.Results.WriteLine($"> {sentence}");
            screen.Results.WriteLine(CommandsChatVerb.Answer(runner, System.Text.Encoding.UTF8.GetBytes(sentence)));
        }

        screen.Results.WriteLine();
    }

    /// <summary>A recording, the words that the sample's keyword network hears in it, and the command that they make.</summary>
    /// <param name="folder">Holds <see cref="CommandsName"/>.</param>
    private static int ShowListening(string folder, Screen screen, CancellationToken cancellation)
    {
        string keywords = ExtractFile(KeywordsPrefix, KeywordsName, folder);
        string recording = ExtractFile(KeywordsPrefix, RecordingName, folder);
        screen.Results.MarkupLineInterpolated($"[bold]from sound to words to a command: a synthesised voice; the blob of {new FileInfo(keywords).Length:N0} bytes learned from other such voices[/]");
        screen.Results.MarkupLineInterpolated($"[green]$ {Tool.Name} listen {RecordingName} --keywords {KeywordsName} --commands {CommandsName}[/]");
        int code = Tool.Run(["listen", recording, "--keywords", keywords, "--commands", Path.Combine(folder, CommandsName)], screen, cancellation);
        screen.Results.WriteLine();
        return code;
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
        ExtractFile(ResourcePrefix, ModelName, folder);
        MeterDigits.Save(folder, "calibration", MeterDigits.CalibrationPictures, seed: 2);
        MeterDigits.Save(folder, "test", MeterDigits.TestPictures, seed: 3);
        return folder;
    }

    /// <returns>Where the file is now.</returns>
    private static string ExtractFile(string prefix, string name, string folder)
    {
        string path = Path.Combine(folder, name);
        using Stream resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(prefix + name)!;
        IO.AtomicFile.Write(path, resource.CopyTo);
        return path;
    }

    /// <summary>Draws a few samples in characters, with what the network says of them; only where samples are grey pictures.</summary>
    private static void ShowAnswers(string test, INetwork network, Screen screen)
    {
        Dataset data = DatasetLoader.Load(test, DatasetOptions.Default);
        if (data is not { Kind: DataKind.Pixels, SampleShape: { Rank: 3 } shape, Labels: { } labels } || shape[2] != 1)
        {
            return;
        }

        InputBinding binding = InputBinding.Create(data, network.Input, network.Preparation);
        Predictor predictor = network.CreatePredictor();
        float[] output = new float[network.OutputShape.ElementCount];
        float[] real = new float[binding.Elements];
        int shown = Math.Clamp((screen.Results.Profile.Width + Gap.Length) / (shape[1] + Gap.Length), 1, Math.Min(Shown, data.Count));
        float[][] pictures = [.. Enumerable.Range(0, shown).Select(i => Picture(data, 11 * i % data.Count))];
        string answers = string.Join(", ", Enumerable.Range(0, pictures.Length).Select(i =>
        {
            binding.Read(11 * i % data.Count, real);
            predictor(real, output);
            int best = Array.IndexOf(output, output.Max());
            int label = labels[11 * i % data.Count];
            return best == label ? $"{best}" : $"{best} (it is {label})";
        }));
        for (int row = 0; row < shape[0]; row += 2)
        {
            screen.Results.WriteLine(string.Join(Gap, pictures.Select(p => Characters(p.AsSpan(row * shape[1], shape[1]), p))));
        }

        screen.Results.WriteLine($"the blob reads: {answers}");
    }

    private static float[] Picture(Dataset data, int index)
    {
        float[] pixels = new float[data.SampleShape.ElementCount];
        data.Read(index, pixels);
        return pixels;
    }

    private static string Characters(ReadOnlySpan<float> row, float[] picture)
    {
        const string Shades = " .:-=+*#%@";
        float low = picture.Min();
        float range = Math.Max(picture.Max() - low, 1);
        char[] characters = new char[row.Length];
        for (int i = 0; i < row.Length; i++)
        {
            characters[i] = Shades[(int)((row[i] - low) / range * (Shades.Length - 1))];
        }

        return new string(characters);
    }
}
