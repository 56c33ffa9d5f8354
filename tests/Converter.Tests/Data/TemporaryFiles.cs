using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Converter.Tests.Data;

/// <summary>A folder of its own for a test's small files; gone with the test.</summary>
internal sealed class TemporaryFiles : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("tinyinference-").FullName;

    public string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    public static byte[] Zip(params (string Name, byte[] Bytes)[] entries)
    {
        var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            foreach ((string name, byte[] bytes) in entries)
            {
                using Stream stream = archive.CreateEntry(name).Open();
                stream.Write(bytes);
            }
        }

        return packed.ToArray();
    }

    /// <summary>An IDX file of uint8.</summary>
    public static byte[] Idx(int[] dimensions, byte[] elements)
    {
        var bytes = new byte[4 + (4 * dimensions.Length) + elements.Length];
        bytes[2] = 8;
        bytes[3] = (byte)dimensions.Length;
        for (int i = 0; i < dimensions.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * i)), dimensions[i]);
        }

        elements.CopyTo(bytes, bytes.Length - elements.Length);
        return bytes;
    }

    public static byte[] Npy(string descr, string shape, byte[] elements, bool fortran = false, int version = 1)
    {
        string header = $"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': ({shape}), }}".PadRight(117) + "\n";
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)header.Length) : BitConverter.GetBytes(header.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. Encoding.Latin1.GetBytes(header), .. elements];
    }

    public static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    /// <summary>WAV, 16-bit PCM; <paramref name="samples"/> of all channels one after the other.</summary>
    public static byte[] Wav(int rate, short[] samples, int channels = 1, int bits = 16, int format = 1, byte[]? extraChunk = null)
    {
        byte[] data = [.. samples.SelectMany(BitConverter.GetBytes)];
        byte[] body =
        [
            .. "WAVE"u8, .. extraChunk ?? [],
            .. "fmt "u8, .. BitConverter.GetBytes(16), .. BitConverter.GetBytes((short)format), .. BitConverter.GetBytes((short)channels),
            .. BitConverter.GetBytes(rate), .. BitConverter.GetBytes(rate * channels * 2), .. BitConverter.GetBytes((short)(channels * 2)),
            .. BitConverter.GetBytes((short)bits), .. "data"u8, .. BitConverter.GetBytes(data.Length), .. data,
        ];
        return [.. "RIFF"u8, .. BitConverter.GetBytes(body.Length), .. body];
    }
}
