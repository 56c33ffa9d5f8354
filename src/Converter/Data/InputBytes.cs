using System.Buffers.Binary;
using System.IO.Compression;

namespace TinyInference.Converter.Data;

/// <summary>Files into memory, unpacked, with every allocation bounded by what is really there.</summary>
internal static class InputBytes
{
    /// <summary>A data set larger than this is refused.</summary>
    public const int MaximumLength = 1 << 30;

    /// <summary>Deflate cannot make more than this of one byte (1032 to 1).</summary>
    private const long MaximumExpansion = 1032;

    /// <summary>The whole file; of a gzip file its contents.</summary>
    /// <exception cref="InputException">The file cannot be read, is too large, or its gzip data is damaged.</exception>
    public static byte[] ReadFile(string path)
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(path).Length > MaximumLength)
            {
                throw TooLarge(path);
            }

            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }

        if (bytes.Length < 18 || bytes[0] != 0x1F || bytes[1] != 0x8B)
        {
            return bytes;
        }

        // The trailer of the last member: checksum and length of its contents. The length is a hint for the first allocation, no more.
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 8));
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4));
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        byte[] contents = ReadAll(gzip, Math.Min(length, bytes.Length * MaximumExpansion), MaximumLength, path);

        // The library takes a file that ends early for a short one.
        return length <= contents.Length && Checksum(contents, contents.Length - (int)length) == checksum
            ? contents
            : throw new InputException($"{path}: the gzip file is truncated or damaged (its checksum does not fit)");
    }

    /// <summary>The contents of an entry of a zip file.</summary>
    /// <exception cref="InputException">The entry is damaged or not as long as the directory says.</exception>
    public static byte[] ReadEntry(ZipArchiveEntry entry, string archive)
    {
        string name = $"{archive}, {entry.FullName}";
        try
        {
            long length = entry.Length;
            if (length > MaximumLength)
            {
                throw TooLarge(name);
            }

            using Stream stream = entry.Open();
            byte[] bytes = ReadAll(stream, Math.Min(length, (entry.CompressedLength * MaximumExpansion) + 64), (int)length, name);

            // The library checks neither; without it, damage inside sound or pixels would go unseen.
            return bytes.Length == length && Checksum(bytes, 0) == entry.Crc32
                ? bytes
                : throw new InputException($"{name}: its length or checksum is not what the zip file's directory says; the file is damaged");
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new InputException($"{name}: the zip file is damaged: {e.Message}", e);
        }
    }

    /// <summary>Opens a zip file in memory. The caller disposes of it.</summary>
    /// <exception cref="InputException">The directory of the zip file is damaged.</exception>
    public static ZipArchive OpenZip(byte[] bytes, string name)
    {
        try
        {
            var archive = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
            _ = archive.Entries.Count;
            return archive;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new InputException($"{name}: the zip file is damaged or truncated: {e.Message}", e);
        }
    }

    private static byte[] ReadAll(Stream stream, long expected, int maximum, string name)
    {
        var buffer = new byte[(int)Math.Clamp(expected, 64, Math.Max(maximum, 64))];
        int length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length)
                {
                    int next = stream.ReadByte();
                    if (next < 0)
                    {
                        break;
                    }

                    if (length >= maximum)
                    {
                        throw TooLarge(name);
                    }

                    Array.Resize(ref buffer, (int)Math.Min(2L * length, maximum));
                    buffer[length++] = (byte)next;
                }

                int read = stream.Read(buffer, length, buffer.Length - length);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new InputException($"{name}: cannot be unpacked, it is damaged or truncated: {e.Message}", e);
        }

        if (length != buffer.Length)
        {
            Array.Resize(ref buffer, length);
        }

        return buffer;
    }

    private static uint Checksum(byte[] bytes, int start)
    {
        var crc = new Crc32();
        crc.Add(bytes, start, bytes.Length - start);
        return crc.Value;
    }

    private static bool IsDamage(Exception e) =>
        e is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException;

    private static InputException TooLarge(string name) =>
        new($"{name}: has more than {MaximumLength >> 20} MB or more than it declares; give a smaller part of the data");
}
