using Converter.Tests.Data;
using TinyInference.Converter.Data;
using TinyInference.Converter.Sound;

namespace Converter.Tests.Sound;

/// <summary>Words of a language that is easy to learn: low and high tones.</summary>
internal static class Tones
{
    /// <summary>A "word" of half a second in noise: low (300 Hz), high (1,500 Hz), a rising whistle as another word; or noise alone.</summary>
    public static float[] Word(string word, SplitMix random, int length = SoundReader.Rate)
    {
        var sound = new float[length];
        int start = (length - 8000) / 2;
        double hertz = (word == "high" ? 1500 : 300) * (0.9 + (random.Next(200) / 1000.0));
        for (int i = 0; i < length; i++)
        {
            double time = (i - start) / 16000.0;
            double frequency = word == "other" ? hertz * (1 + (4 * time)) : hertz;
            bool speaks = word != "silence" && i >= start && i < start + 8000;
            sound[i] = (float)((speaks ? 0.3 * Math.Sin(2 * Math.PI * frequency * time) * Math.Sin(Math.PI * time * 2) : 0) + (0.004 * NoiseGenerator.Gaussian(random)));
        }

        return sound;
    }

    /// <summary>A zip of clips in a folder for each word.</summary>
    public static byte[] Zip(int each)
    {
        var random = new SplitMix(11);
        return TemporaryFiles.Zip(
        [
            .. new[] { "low", "high", "_unknown_", "_silence_" }.SelectMany(word => Enumerable.Range(0, each).Select(i =>
                ($"{word}/{i}.wav", TemporaryFiles.Wav(16000, SoundReader.ToPcm(Word(word == "_unknown_" ? "other" : word.Trim('_'), random)))))),
        ]);
    }
}
