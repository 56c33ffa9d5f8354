using System.Buffers.Binary;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Data;

/// <summary>
/// IDX, the format of MNIST: bytes 0, 0, type, rank; the dimensions as big-endian uint32; then the elements, big endian, C order.
/// </summary>
internal static class IdxReader
{
    private const int UInt8 = 0x08;
    private const int Int8 = 0x09;
    private const int Int16 = 0x0B;
    private const int Int32 = 0x0C;
    private const int Float32 = 0x0D;
    private const int Float64 = 0x0E;

    private sealed record Header(int Type, int[] Dimensions, int Offset, long Elements);

    /// <summary>The header is one of IDX, and the length fits it or the name says IDX.</summary>
    public static bool Matches(byte[] bytes, string name)
    {
        if (bytes.Length < 4 || bytes[0] != 0 || bytes[1] != 0 || ElementSize(bytes[2]) == 0 || bytes[3] is 0 or > 6)
        {
            return false;
        }

        return Path.GetFileName(name).Contains("idx", StringComparison.OrdinalIgnoreCase)
            || (ReadHeader(bytes) is { } header && header.Offset + (header.Elements * ElementSize(header.Type)) == bytes.Length);
    }

    /// <exception cref="InputException">The file is truncated, empty, or holds labels.</exception>
    public static Dataset Read(byte[] bytes, string name)
    {
        Header header = Checked(bytes, name);
        if (header.Dimensions.Length == 1)
        {
            throw new InputException($"{name}: holds labels, not samples; give the file of the samples, and this one as labels");
        }

        int count = header.Dimensions[0];
        int[] sample = header.Dimensions[1..];

        // Images without a dimension for channels have one channel.
        var shape = sample.Length == 2 ? new Shape([.. sample, 1]) : new Shape(sample);
        if (header.Type is UInt8 or Int8)
        {
            var store = new ByteSamples(bytes, header.Offset, shape.ElementCount, count, shape.ElementCount, header.Type == Int8);
            DataKind kind = header.Type == Int8 ? DataKind.RawInt8 : sample.Length >= 2 ? DataKind.Pixels : DataKind.Real;
            return new Dataset(name, store, shape, kind);
        }

        return new Dataset(name, new FloatSamples(Values(bytes, header), shape.ElementCount), shape, DataKind.Real);
    }

    /// <summary>Labels from a file of rank 1 and an integer type.</summary>
    /// <exception cref="InputException">The file is truncated, of a higher rank, or of real numbers.</exception>
    public static int[] ReadLabels(byte[] bytes, string name)
    {
        Header header = Checked(bytes, name);
        if (header.Dimensions.Length != 1 || header.Type is Float32 or Float64)
        {
            throw new InputException($"{name}: holds no labels (an IDX file of labels has one dimension and integers); name another file of labels");
        }

        return Array.ConvertAll(Values(bytes, header), value => (int)Math.Clamp(value, int.MinValue, int.MaxValue));
    }

    /// <summary>The file of labels beside a file of images, named as MNIST does it; null where there is none.</summary>
    public static string? FindLabels(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "";
        string file = Path.GetFileName(path);
        string plain = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^3] : file;
        foreach (string separator in new[] { "-", ".", "_" })
        {
            string labels = plain.Replace($"images{separator}idx3", $"labels{separator}idx1", StringComparison.OrdinalIgnoreCase);
            if (labels != plain)
            {
                return new[] { labels + ".gz", labels }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
            }
        }

        return null;
    }

    private static Header Checked(byte[] bytes, string name)
    {
        Header header = ReadHeader(bytes) ?? throw new InputException($"{name}: the IDX file ends inside its header; it is truncated");
        if (header.Elements == 0)
        {
            throw new InputException($"{name}: the data set is empty (dimensions {string.Join('x', header.Dimensions)})");
        }

        long needed = header.Offset + (header.Elements * ElementSize(header.Type));
        return needed == bytes.Length
            ? header
            : throw new InputException(
                $"{name}: has {bytes.Length} bytes where its header ({string.Join('x', header.Dimensions)}) needs {needed}; the file is truncated or damaged");
    }

    /// <summary>Null where the header is not whole; the number of elements stops growing beyond any file's length.</summary>
    private static Header? ReadHeader(byte[] bytes)
    {
        if (bytes.Length < 4 || bytes.Length < 4 + (4 * bytes[3]))
        {
            return null;
        }

        var dimensions = new int[bytes[3]];
        long elements = 1;
        for (int i = 0; i < dimensions.Length; i++)
        {
            uint extent = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4 + (4 * i)));
            dimensions[i] = (int)Math.Min(extent, int.MaxValue);
            elements = Math.Min(elements * dimensions[i], int.MaxValue);
        }

        return new Header(bytes[2], dimensions, 4 + (4 * dimensions.Length), elements);
    }

    private static float[] Values(byte[] bytes, Header header)
    {
        var values = new float[header.Elements];
        int size = ElementSize(header.Type);
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> element = bytes.AsSpan(header.Offset + (i * size), size);
            values[i] = header.Type switch
            {
                UInt8 => element[0],
                Int8 => (sbyte)element[0],
                Int16 => BinaryPrimitives.ReadInt16BigEndian(element),
                Int32 => BinaryPrimitives.ReadInt32BigEndian(element),
                Float32 => BinaryPrimitives.ReadSingleBigEndian(element),
                _ => (float)BinaryPrimitives.ReadDoubleBigEndian(element),
            };
        }

        return values;
    }

    private static int ElementSize(int type) => type switch
    {
        UInt8 or Int8 => 1,
        Int16 => 2,
        Int32 or Float32 => 4,
        Float64 => 8,
        _ => 0,
    };
}
