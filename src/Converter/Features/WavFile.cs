using System.Buffers.Binary;

namespace TinyInference.Converter.Features;

/// <summary>Sound from a RIFF WAVE file: 16-bit PCM, 8 or 16 kHz. Of several channels the first is used.</summary>
/// <param name="SampleRate">Samples a second: 8000 or 16000.</param>
/// <param name="Channels">Channels in the file.</param>
/// <param name="Samples">The first channel.</param>
/// <param name="Truncated">The file ended before its data chunk did; what is there is in <paramref name="Samples"/>.</param>
internal sealed record WavFile(int SampleRate, int Channels, short[] Samples, bool Truncated)
{
    private const int FormatPcm = 1;
    private const int FormatExtensible = 0xFFFE;

    /// <summary>The bytes begin as a WAV file does.</summary>
    public static bool Matches(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 12 && bytes[..4].SequenceEqual("RIFF"u8) && bytes.Slice(8, 4).SequenceEqual("WAVE"u8);

    /// <param name="bytes">The whole file.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="InputException">The file is not WAV, damaged, without samples, or of another encoding.</exception>
    public static WavFile Read(ReadOnlySpan<byte> bytes, string name)
    {
        if (!Matches(bytes))
        {
            throw new InputException($"{name}: not a WAV file (it does not begin with RIFF and WAVE)");
        }

        (int Rate, int Channels)? format = null;
        int position = 12;
        while (bytes.Length - position >= 8)
        {
            ReadOnlySpan<byte> id = bytes.Slice(position, 4);
            uint declared = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(position + 4)..]);
            position += 8;
            int length = (int)Math.Min(declared, (uint)(bytes.Length - position));
            ReadOnlySpan<byte> chunk = bytes.Slice(position, length);
            if (id.SequenceEqual("fmt "u8))
            {
                format = ReadFormat(chunk, name);
            }
            else if (id.SequenceEqual("data"u8))
            {
                if (format is null)
                {
                    throw new InputException($"{name}: the sound comes before its format (no \"fmt \" chunk before \"data\"); the file is damaged");
                }

                short[] samples = FirstChannel(chunk, format.Value.Channels);
                return samples.Length == 0
                    ? throw new InputException($"{name}: holds no sound (0 samples)")
                    : new WavFile(format.Value.Rate, format.Value.Channels, samples, length < declared);
            }

            // Chunks of odd length are followed by a byte that does not count.
            position += Math.Min(length + (length & 1), bytes.Length - position);
        }

        throw new InputException($"{name}: holds no sound (no \"data\" chunk); the file is truncated or damaged");
    }

    private static (int Rate, int Channels) ReadFormat(ReadOnlySpan<byte> chunk, string name)
    {
        if (chunk.Length < 16)
        {
            throw new InputException($"{name}: its format chunk has {chunk.Length} bytes, not 16 or more; the file is truncated or damaged");
        }

        int tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]);
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]);
        if (tag == FormatExtensible && chunk.Length >= 26)
        {
            tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk[24..]);
        }

        if (tag != FormatPcm || bits != 16)
        {
            string encoding = tag switch { 1 => "PCM", 3 => "floating point", 6 => "A-law", 7 => "mu-law", _ => $"format {tag}" };
            throw new InputException($"{name}: is {bits}-bit {encoding}; convert it to 16-bit PCM");
        }

        if (rate is not (8000 or 16000))
        {
            throw new InputException($"{name}: has {rate} samples a second; resample it to 8000 or 16000");
        }

        return channels is >= 1 and <= 64
            ? ((int)rate, channels)
            : throw new InputException($"{name}: says it has {channels} channels; the file is damaged");
    }

    private static short[] FirstChannel(ReadOnlySpan<byte> data, int channels)
    {
        var samples = new short[data.Length / (2 * channels)];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(data[(i * 2 * channels)..]);
        }

        return samples;
    }
}
