using System.IO.Compression;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Sound;

/// <summary>Recorded words from a folder or zip of WAV files: a folder for each word, or names that end in <c>_WORD_LABEL.wav</c>.</summary>
/// <param name="ClassNames">As folders or files are called, by class.</param>
/// <param name="Clips">Class and sound, at 16 kHz; of a recording longer than a second its loudest second, of noise all seconds.</param>
internal sealed record KeywordClips(IReadOnlyList<string> ClassNames, IReadOnlyList<(int Class, float[] Sound)> Clips)
{
    /// <summary>Of a long recording of noise so many seconds are used.</summary>
    private const int MostPieces = 60;

    /// <summary>Beyond this, memory would not hold them: 1 GB of samples.</summary>
    private const int MostClips = 16_000;

    /// <param name="path">A folder or a zip file.</param>
    /// <param name="note">Told, for all files together, what had to be done to them.</param>
    /// <exception cref="InputException">There are no WAV files, their classes cannot be told, or one cannot be read.</exception>
    public static KeywordClips Read(string path, Action<string> note)
    {
        using SampleFiles files = Open(path);
        SampleFiles.Item[] items = [.. files.Items.Where(i => i.Path.EndsWith(".wav", StringComparison.OrdinalIgnoreCase))];
        if (items.Length is 0 or > MostClips)
        {
            throw new InputException(items.Length == 0
                ? $"{path}: holds no .wav files; clips are WAV files in a folder for each word, or named as NAME_WORD_LABEL.wav"
                : $"{path}: holds {items.Length:N0} clips; at most {MostClips:N0} can be used, give a part of them");
        }

        FileLabels labels = FileLabels.Find([.. items.Select(i => i.Path)], null, null, path);
        if (labels.Labels is null || labels.ClassNames is not { } names)
        {
            throw new InputException($"{path}: nothing says which word each clip holds; put them into a folder for each word, or name them as NAME_WORD_LABEL.wav");
        }

        var notes = new Dictionary<string, int>();
        var clips = new List<(int, float[])>();
        for (int i = 0; i < items.Length; i++)
        {
            string name = $"{path}, {items[i].Path}";
            float[] sound = SoundReader.FromWav(items[i].Read(), name, SoundReader.Rate, text => notes[Reason(text, name)] = notes.GetValueOrDefault(Reason(text, name)) + 1);
            int label = labels.Labels[i];
            clips.AddRange((KeywordClasses.IsSilence(names[label]) ? Pieces(sound) : [LoudestSecond(sound)]).Select(second => (label, second)));
        }

        foreach ((string reason, int count) in notes)
        {
            note($"{path}: {count} of {items.Length} clips: {reason}");
        }

        return new KeywordClips(names, clips);
    }

    /// <summary>Of a sound longer than a second the second with the most energy; else all.</summary>
    public static float[] LoudestSecond(float[] sound)
    {
        if (sound.Length <= SoundReader.Rate * 5 / 4)
        {
            return sound;
        }

        double energy = 0;
        double most = -1;
        int best = 0;
        for (int i = 0; i < sound.Length; i++)
        {
            energy += sound[i] * sound[i];
            if (i >= SoundReader.Rate)
            {
                energy -= sound[i - SoundReader.Rate] * sound[i - SoundReader.Rate];
            }

            if (i >= SoundReader.Rate - 1 && energy > most)
            {
                most = energy;
                best = i - SoundReader.Rate + 1;
            }
        }

        return sound[best..(best + SoundReader.Rate)];
    }

    private static IEnumerable<float[]> Pieces(float[] sound)
    {
        int count = Math.Clamp(sound.Length / SoundReader.Rate, 1, MostPieces);
        return count == 1 ? [sound[..Math.Min(sound.Length, SoundReader.Rate)]]
            : Enumerable.Range(0, count).Select(i => (int)((long)i * (sound.Length - SoundReader.Rate) / (count - 1))).Select(start => sound[start..(start + SoundReader.Rate)]);
    }

    private static string Reason(string text, string name) => text.StartsWith(name, StringComparison.Ordinal) ? text[name.Length..].TrimStart(':', ' ') : text;

    private static SampleFiles Open(string path)
    {
        if (Directory.Exists(path))
        {
            return SampleFiles.FromFolder(path);
        }

        if (!File.Exists(path))
        {
            throw new InputException($"{path}: there is no such file or folder");
        }

        byte[] bytes = InputBytes.ReadFile(path);
        if (!bytes.AsSpan().StartsWith("PK"u8))
        {
            throw new InputException($"{path}: is neither a folder nor a zip file of WAV files");
        }

        ZipArchive archive = InputBytes.OpenZip(bytes, path);
        return SampleFiles.FromZip(archive, path);
    }
}
