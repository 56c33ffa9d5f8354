using TinyInference.Converter.Features;

namespace TinyInference.Converter.Sound;

/// <summary>Sound as a keyword network takes it, one channel of 16 kHz, from WAV files as people have them.</summary>
internal static class SoundReader
{
    /// <summary>Samples a second.</summary>
    public const int Rate = 16000;

    /// <summary>Channels are mixed, other rates than <paramref name="rate"/> resampled, 8, 24 and 32 bits read as they are.</summary>
    /// <param name="bytes">A WAV file.</param>
    /// <param name="name">For messages.</param>
    /// <param name="rate">Samples a second that are wanted.</param>
    /// <param name="note">Told what had to be done to the sound; null where nobody minds.</param>
    /// <returns>Samples from -1 to 1.</returns>
    /// <exception cref="InputException">It is not PCM, damaged, or has no sound.</exception>
    public static float[] FromWav(ReadOnlySpan<byte> bytes, string name, int rate, Action<string>? note)
    {
        PcmSound sound = PcmSound.Read(bytes, name);
        if (sound.Truncated)
        {
            note?.Invoke($"{name}: ends before its data chunk does; what is there is used");
        }

        if (sound.Channels > 1)
        {
            note?.Invoke($"{name}: its {sound.Channels} channels are mixed to one");
        }

        if (sound.Bits == 8)
        {
            note?.Invoke($"{name}: has 8 bits a sample: quiet words drown in its noise");
        }

        if (sound.SampleRate != rate)
        {
            note?.Invoke($"{name}: resampled from {sound.SampleRate:N0} to {rate:N0} Hz{(sound.SampleRate < rate ? "; nothing above " + (sound.SampleRate / 2).ToString("N0", null) + " Hz is in it" : "")}");
        }

        return Resampler.Resample(sound.Mono(), (double)sound.SampleRate / rate);
    }

    /// <summary>Samples as a device has them, -32,768 to 32,767.</summary>
    public static short[] ToPcm(ReadOnlySpan<float> sound)
    {
        var pcm = new short[sound.Length];
        for (int i = 0; i < pcm.Length; i++)
        {
            pcm[i] = (short)Math.Clamp(MathF.Round(sound[i] * 32768), short.MinValue, short.MaxValue);
        }

        return pcm;
    }
}
