using System.Buffers.Binary;
using TinyInference.Converter.IO;

namespace TinyInference.Converter.Data;

/// <summary>Writes IDX files of bytes, as <see cref="IdxReader"/> reads them.</summary>
internal static class IdxWriter
{
    private const byte UInt8 = 0x08;

    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(string path, int[] dimensions, byte[] elements) => AtomicFile.Write(path, stream =>
    {
        byte[] header = new byte[4 + (4 * dimensions.Length)];
        header[2] = UInt8;
        header[3] = (byte)dimensions.Length;
        for (int i = 0; i < dimensions.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), dimensions[i]);
        }

        stream.Write(header);
        stream.Write(elements);
    });
}
