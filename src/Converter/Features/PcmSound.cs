using System.Buffers.Binary;

namespace TinyInference.Converter.Features;

/// <summary>Sound from a RIFF WAVE file: PCM of 8, 16, 24 or 32 bits, any rate and number of channels.</summary>
/// <param name="SampleRate">Samples a second of one channel, 4,000 to 192,000.</param>
/// <param name="Channels">1 to 64.</param>
/// <param name="Bits">Of one sample.</param>
/// <param name="Data">Samples, channel by channel, little endian; those of 8 bits unsigned.</param>
/// <param name="Truncated">The file ended before its data chunk did.</param>
internal sealed record PcmSound(int SampleRate, int Channels, int Bits, byte[] Data, bool Truncated)
{
    private const int FormatPcm = 1;
    private const int FormatExtensible = 0xFFFE;
    private const uint SlowestRate = 4_000;
    private const uint FastestRate = 192_000;

    /// <summary>Samples of one channel.</summary>
    public int Length => Data.Length / (Channels * Bits / 8);

    /// <summary>The bytes begin as a WAV file does.</summary>
    public static bool Matches(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 12 && bytes[..4].SequenceEqual("RIFF"u8) && bytes.Slice(8, 4).SequenceEqual("WAVE"u8);

    /// <param name="bytes">The whole file.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="InputException">The file is not WAV, damaged, without samples, or of another encoding.</exception>
    public static PcmSound Read(ReadOnlySpan<byte> bytes, string name)
    {
        if (!Matches(bytes))
        {
            throw new InputException($"{name}: not a WAV file (it does not begin with RIFF and WAVE)");
        }

        PcmSound? format = null;
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

                PcmSound sound = format with { Data = chunk.ToArray(), Truncated = length < declared };
                return sound.Length == 0 ? throw new InputException($"{name}: holds no sound (0 samples)") : sound;
            }

            // Chunks of odd length are followed by a byte that does not count.
            position += Math.Min(length + (length & 1), bytes.Length - position);
        }

        throw new InputException($"{name}: holds no sound (no \"data\" chunk); the file is truncated or damaged");
    }

    /// <summary>The mean of all channels, -1 to 1.</summary>
    public float[] Mono()
    {
        var mono = new float[Length];
        for (int i = 0; i < mono.Length; i++)
        {
            float sum = 0;
            for (int channel = 0; channel < Channels; channel++)
            {
                sum += Sample(channel, i);
            }

            mono[i] = sum / Channels;
        }

        return mono;
    }

    /// <summary>One channel of 16-bit sound.</summary>
    public short[] Channel16(int channel)
    {
        var samples = new short[Length];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(Data.AsSpan(((i * Channels) + channel) * sizeof(short)));
        }

        return samples;
    }

    private float Sample(int channel, int index)
    {
        ReadOnlySpan<byte> bytes = Data.AsSpan(((index * Channels) + channel) * Bits / 8);
        return Bits switch
        {
            8 => (bytes[0] - 128) / 128f,
            16 => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768f,
            24 => ((bytes[0] << 8) | (bytes[1] << 16) | (bytes[2] << 24)) / 2147483648f,
            _ => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648f,
        };
    }

    /// <summary>Reads a "fmt " chunk; the sound has no samples yet.</summary>
    /// <exception cref="InputException">It is damaged, or no PCM.</exception>
    public static PcmSound ReadFormat(ReadOnlySpan<byte> chunk, string name)
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

        if (tag != FormatPcm || bits is not (8 or 16 or 24 or 32))
        {
            string encoding = tag switch { 1 => "PCM", 3 => "floating point", 6 => "A-law", 7 => "mu-law", _ => $"format {tag}" };
            throw new InputException($"{name}: is {bits}-bit {encoding}; convert it to 16-bit PCM");
        }

        if (rate is < SlowestRate or > FastestRate)
        {
            throw new InputException($"{name}: says it has {rate} samples a second, outside {SlowestRate} to {FastestRate}; the file is damaged, or no sound to hear");
        }

        return channels is >= 1 and <= 64
            ? new PcmSound((int)rate, channels, bits, [], false)
            : throw new InputException($"{name}: says it has {channels} channels; the file is damaged");
    }
}
