namespace TinyInference.Converter.Features;

/// <summary>Sound of a data set, from a RIFF WAVE file: 16-bit PCM, 8 or 16 kHz. Of several channels the first is used.</summary>
/// <param name="SampleRate">Samples a second: 8000 or 16000.</param>
/// <param name="Channels">Channels in the file.</param>
/// <param name="Samples">The first channel.</param>
/// <param name="Truncated">The file ended before its data chunk did; what is there is in <paramref name="Samples"/>.</param>
internal sealed record WavFile(int SampleRate, int Channels, short[] Samples, bool Truncated)
{
    /// <summary>The bytes begin as a WAV file does.</summary>
    public static bool Matches(ReadOnlySpan<byte> bytes) => PcmSound.Matches(bytes);

    /// <param name="bytes">The whole file.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="InputException">The file is not WAV, damaged, without samples, or of another encoding or rate.</exception>
    public static WavFile Read(ReadOnlySpan<byte> bytes, string name)
    {
        PcmSound sound = PcmSound.Read(bytes, name);
        if (sound.Bits != 16)
        {
            throw new InputException($"{name}: is {sound.Bits}-bit PCM; convert it to 16-bit PCM");
        }

        return sound.SampleRate is 8000 or 16000
            ? new WavFile(sound.SampleRate, sound.Channels, sound.Channel16(0), sound.Truncated)
            : throw new InputException($"{name}: has {sound.SampleRate} samples a second; resample it to 8000 or 16000");
    }
}
