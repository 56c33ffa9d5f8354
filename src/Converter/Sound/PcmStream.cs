using System.Buffers.Binary;
using TinyInference.Converter.Features;

namespace TinyInference.Converter.Sound;

/// <summary>16-bit samples as a microphone's program writes them to a pipe, with a WAV header (whose length is not known yet and does not count) or without.</summary>
internal static class PcmStream
{
    /// <summary>A chunk before the samples that is longer than this is none that such programs write.</summary>
    private const int LongestChunk = 1 << 16;

    /// <summary>Gives pieces of a tenth of a second or less, as they come in.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="rate">That the samples must have.</param>
    /// <exception cref="InputException">A header names another format than one channel of 16 bits at this rate.</exception>
    public static IEnumerable<short[]> Read(Stream stream, string name, int rate)
    {
        var buffer = new byte[rate / 10 * sizeof(short)];
        int filled = stream.ReadAtLeast(buffer.AsSpan(0, 12), 12, throwOnEndOfStream: false);
        if (PcmSound.Matches(buffer.AsSpan(0, filled)))
        {
            SkipHeader(stream, name, rate);
            filled = 0;
        }

        while (true)
        {
            int whole = filled / sizeof(short);
            if (whole > 0)
            {
                var piece = new short[whole];
                for (int i = 0; i < whole; i++)
                {
                    piece[i] = BinaryPrimitives.ReadInt16LittleEndian(buffer.AsSpan(i * sizeof(short)));
                }

                // Half a sample waits for its other half.
                buffer[0] = buffer[filled - 1];
                filled %= sizeof(short);
                yield return piece;
            }

            int read = stream.Read(buffer, filled, buffer.Length - filled);
            if (read == 0)
            {
                yield break;
            }

            filled += read;
        }
    }

    /// <summary>Reads on to the first sample.</summary>
    private static void SkipHeader(Stream stream, string name, int rate)
    {
        var head = new byte[8];
        while (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            if (head.AsSpan(0, 4).SequenceEqual("data"u8))
            {
                return;
            }

            uint length = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4));
            if (length > LongestChunk)
            {
                break;
            }

            var chunk = new byte[length + (length & 1)];
            if (stream.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false) < chunk.Length)
            {
                break;
            }

            if (head.AsSpan(0, 4).SequenceEqual("fmt "u8))
            {
                PcmSound format = PcmSound.ReadFormat(chunk, name);
                if (format is not { Channels: 1, Bits: 16 } || format.SampleRate != rate)
                {
                    throw new InputException(
                        $"{name}: has {format.Channels} channels of {format.Bits} bits at {format.SampleRate} Hz; from a pipe one channel of 16 bits at {rate} Hz is taken: arecord -f S16_LE -r {rate} -c 1. A file is converted");
                }
            }
        }

        throw new InputException($"{name}: its WAV header is damaged (no \"data\" chunk)");
    }
}
