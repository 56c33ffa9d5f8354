namespace TinyInference.Converter.Sound;

/// <summary>A word, a noise or silence, for training or test.</summary>
/// <param name="Sound">-1 to 1, at 16 kHz as read or spoken; recorded ones as they were, synthesised ones without the silence around the word.</param>
/// <param name="Label">Index of the class.</param>
/// <param name="Synthesised">A program spoke it.</param>
internal sealed record KeywordClip(float[] Sound, int Label, bool Synthesised)
{
    /// <summary>One second as a device has it: a recording from its beginning, a word alone in the middle.</summary>
    /// <param name="rate">Of the clip.</param>
    public short[] Second(int rate)
    {
        var second = new short[rate];
        int count = Math.Min(Sound.Length, rate);
        SoundReader.ToPcm(Sound.AsSpan(0, count)).CopyTo(second, Synthesised ? (rate - count) / 2 : 0);
        return second;
    }

    /// <summary>Clips of 16 kHz at the rate that a network listens at.</summary>
    public static KeywordClip[] AtRate(KeywordClip[] clips, int rate)
    {
        if (rate == SoundReader.Rate)
        {
            return clips;
        }

        var result = new KeywordClip[clips.Length];
        Parallel.For(0, clips.Length, i => result[i] = clips[i] with { Sound = Resampler.Resample(clips[i].Sound, (double)SoundReader.Rate / rate) });
        return result;
    }
}
