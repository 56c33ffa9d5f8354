using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;

namespace TinyInference.Converter.Sound;

/// <summary>
/// Words spoken by <c>espeak-ng</c> and <c>flite</c>, programs that this tool finds on the machine and does not bring along, in as many voices,
/// speeds and pitches as they have. What is chosen follows from the seed.
/// </summary>
internal sealed class SpeechSynthesizer
{
    private const string Espeak = "espeak-ng";
    private const string Flite = "flite";

    /// <summary>A word takes milliseconds; a program that takes so long hangs.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private static readonly string[] s_espeakVoices =
        ["en-us", "en-us", "en-us", "en-gb", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc"];

    private static readonly string[] s_espeakVariants =
    [
        "", "+m1", "+m2", "+m3", "+m4", "+m5", "+m6", "+m7", "+m8", "+f1", "+f2", "+f3", "+f4", "+f5", "+klatt", "+klatt2", "+klatt3", "+klatt4", "+klatt5",
        "+adam", "+Alex", "+Alicia", "+Andrea", "+Andy", "+Annie", "+anika", "+antonio", "+aunty", "+belinda", "+benjamin", "+boris", "+caleb", "+david", "+Denis", "+ed",
        "+edward", "+Gene", "+grandma", "+grandpa", "+iven", "+iven3", "+john", "+Lee", "+linda", "+marcelo", "+Marco", "+max", "+michel", "+miguel", "+Mike", "+norbert",
        "+pablo", "+paul", "+pedro", "+quincy", "+rob", "+robert", "+sandro", "+shelby", "+steph", "+steph2", "+travis", "+victor", "+zac",
    ];

    private static readonly string[] s_fliteVoices = ["slt", "rms", "awb", "kal16", "kal"];

    private readonly string[] _programs;
    private readonly string[] _variants;
    private readonly string[] _fliteVoices;

    private SpeechSynthesizer(string[] programs, string[] variants, string[] fliteVoices)
    {
        _programs = programs;
        _variants = variants;
        _fliteVoices = fliteVoices;
    }

    /// <summary>Those that are looked for.</summary>
    public static IReadOnlyList<string> AllPrograms { get; } = [Espeak, Flite];

    /// <summary>Which programs were found.</summary>
    public IReadOnlyList<string> Programs => _programs;

    /// <summary>Null where neither program is installed.</summary>
    public static SpeechSynthesizer? Find()
    {
        string[] programs = [.. AllPrograms.Where(IsInstalled)];
        return programs.Length == 0 ? null : new SpeechSynthesizer(programs, s_espeakVariants, s_fliteVoices);
    }

    /// <summary>Two that have no voice in common: one without <paramref name="voice"/>, one with nothing else.</summary>
    /// <param name="voice">Of flite, as <c>slt</c>, or a variant of espeak-ng, as <c>+Andy</c>.</param>
    /// <exception cref="InputException">No program that is installed has it.</exception>
    public (SpeechSynthesizer Others, SpeechSynthesizer Alone) Split(string voice)
    {
        bool isVariant = voice.Length > 0 && s_espeakVariants.Contains(voice);
        string program = isVariant ? Espeak : Flite;
        if ((!isVariant && !s_fliteVoices.Contains(voice)) || !_programs.Contains(program))
        {
            IEnumerable<string> voices = _programs.SelectMany(p => p == Espeak ? s_espeakVariants.Where(v => v.Length > 0) : s_fliteVoices);
            throw new InputException($"no synthesiser here has the voice '{voice}'; there are {string.Join(", ", voices)}");
        }

        return (
            new SpeechSynthesizer(_programs, [.. _variants.Where(v => v != voice)], [.. _fliteVoices.Where(v => v != voice)]),
            new SpeechSynthesizer([program], [voice], [voice]));
    }

    /// <summary>Speaks <paramref name="word"/> once, at 16 kHz, without the silence around it.</summary>
    /// <param name="word">Letters, digits, apostrophes, hyphens and spaces.</param>
    /// <param name="seed">Decides program, voice, speed and pitch.</param>
    /// <returns>Samples from -1 to 1; null where this voice failed.</returns>
    public float[]? Speak(string word, int seed)
    {
        var random = new SplitMix(seed);
        string program = _programs.Length > 1 && random.Next(10) < 6 ? Espeak : _programs[^1];
        byte[]? bytes = program == Espeak ? RunEspeak(word, random) : RunFlite(word, random);
        if (bytes is null || !WavFile.Matches(bytes))
        {
            return null;
        }

        try
        {
            float[] sound = Trim(SoundReader.FromWav(bytes, program, SoundReader.Rate, null));
            return sound.Length < SoundReader.Rate / 20 ? null : sound;
        }
        catch (InputException)
        {
            // Some variants of some versions give no sound for some words.
            return null;
        }
    }

    private byte[]? RunEspeak(string word, SplitMix random)
    {
        string voice = s_espeakVoices[random.Next(s_espeakVoices.Length)] + _variants[random.Next(_variants.Length)];
        return Run(Espeak, ["-v", voice, "-s", Number(110 + random.Next(110)), "-p", Number(10 + random.Next(85)), "--stdout", word], null);
    }

    private byte[]? RunFlite(string word, SplitMix random)
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".wav");
        string stretch = (0.75 + (random.Next(75) / 100.0)).ToString("0.00", CultureInfo.InvariantCulture);
        string pitch = Number(75 + random.Next(170));
        string voice = _fliteVoices[random.Next(_fliteVoices.Length)];
        try
        {
            return Run(Flite, ["-voice", voice, "--setf", $"duration_stretch={stretch}", "--setf", $"int_f0_target_mean={pitch}", "-t", word, "-o", file], file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The program starts; what it answers differs (one of them calls the question for its version a failure).</summary>
    private static bool IsInstalled(string program)
    {
        try
        {
            Run(program, ["--version"], null);
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <param name="file">Where the program leaves its sound; null: on its standard output.</param>
    /// <returns>Null where the program failed or took too long.</returns>
    private static byte[]? Run(string program, string[] arguments, string? file)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        using var output = new MemoryStream();
        Task errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        Task copied = process.StandardOutput.BaseStream.CopyToAsync(output);
        if (!Task.WaitAll([errors, copied], s_patience) || !process.WaitForExit(s_patience))
        {
            process.Kill();
            return null;
        }

        return process.ExitCode != 0 ? null : file is null ? output.ToArray() : File.Exists(file) ? File.ReadAllBytes(file) : null;
    }

    /// <summary>Cuts what is 40 dB below the loudest off both ends.</summary>
    private static float[] Trim(float[] sound)
    {
        float threshold = sound.Max(MathF.Abs) / 100;
        int first = Array.FindIndex(sound, s => MathF.Abs(s) > threshold);
        int last = Array.FindLastIndex(sound, s => MathF.Abs(s) > threshold);
        return first < 0 ? [] : sound[first..(last + 1)];
    }
}
