using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TinyInference.Converter.Data;

/// <summary>An array of an NPY file (versions 1 to 3), in C order. Elements of one byte stay bytes, others are float.</summary>
internal sealed partial class NumpyArray
{
    private const int MaximumRank = 8;

    private readonly byte[] _file;
    private readonly int _offset;
    private readonly char _kind;
    private readonly int _size;

    private NumpyArray(byte[] file, int offset, char kind, int size, int[] dimensions, int elements)
    {
        _file = file;
        _offset = offset;
        _kind = kind;
        _size = size;
        Dimensions = dimensions;
        Elements = elements;
    }

    public int[] Dimensions { get; }

    public int Elements { get; }

    /// <summary>Unsigned elements of one byte: pixels.</summary>
    public bool IsUInt8 => _kind == 'u' && _size == 1;

    public bool IsInt8 => _kind == 'i' && _size == 1;

    /// <summary>The bytes begin as an NPY file does.</summary>
    public static bool Matches(ReadOnlySpan<byte> bytes) => bytes.Length >= 6 && bytes[0] == 0x93 && bytes[1..6].SequenceEqual("NUMPY"u8);

    /// <param name="bytes">The whole file; an array in Fortran order or big endian is turned in place.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="InputException">The file is damaged or truncated, or its elements are not numbers.</exception>
    public static NumpyArray Read(byte[] bytes, string name)
    {
        (string header, int offset) = Header(bytes, name);
        Match descr = Descr().Match(header);
        Match order = Order().Match(header);
        Match shape = ShapePattern().Match(header);
        if (!descr.Success || !order.Success || !shape.Success)
        {
            throw new InputException($"{name}: the header of the NPY file cannot be read: {Printable(header)}; save a plain array of numbers");
        }

        char kind = descr.Groups["kind"].Value[0];
        int size = descr.Groups["size"].Value[0] - '0';
        if ((kind, size) is not (('f', 4 or 8) or ('i' or 'u', 1 or 2 or 4 or 8) or ('b', 1)))
        {
            throw new InputException($"{name}: elements of type {descr.Groups["all"].Value} are not supported; save float32, float64, integers or bool");
        }

        int[] dimensions = ParseShape(shape.Groups["shape"].Value, name);
        long elements = 1;
        foreach (int dimension in dimensions)
        {
            elements = Math.Min(elements * dimension, int.MaxValue);
        }

        if (elements == 0)
        {
            throw new InputException($"{name}: the array is empty (shape {string.Join('x', dimensions)})");
        }

        if (bytes.Length - offset != elements * size)
        {
            throw new InputException(
                $"{name}: has {bytes.Length - offset} bytes of data where shape {string.Join('x', dimensions)} needs {elements * size}; the file is truncated or damaged");
        }

        if (size > 1 && descr.Groups["endian"].Value == ">")
        {
            for (int i = offset; i < bytes.Length; i += size)
            {
                bytes.AsSpan(i, size).Reverse();
            }
        }

        var array = new NumpyArray(bytes, offset, kind, size, dimensions, (int)elements);
        if (order.Groups["order"].Value == "True" && dimensions.Length > 1)
        {
            array.TurnFortranOrder();
        }

        return array;
    }

    /// <summary>Elements of one byte where they stand: the file, and the offset of the first.</summary>
    public (byte[] Bytes, int Offset) Bytes() => (_file, _offset);

    /// <summary>Whether elements are one byte each.</summary>
    public bool IsBytes => _size == 1;

    /// <summary>All elements as float.</summary>
    public float[] ToFloat()
    {
        var values = new float[Elements];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> e = _file.AsSpan(_offset + (i * _size), _size);
            values[i] = (_kind, _size) switch
            {
                ('f', 4) => BinaryPrimitives.ReadSingleLittleEndian(e),
                ('f', _) => (float)BinaryPrimitives.ReadDoubleLittleEndian(e),
                ('i', 1) => (sbyte)e[0],
                (_, 1) => e[0],
                ('i', 2) => BinaryPrimitives.ReadInt16LittleEndian(e),
                ('i', 4) => BinaryPrimitives.ReadInt32LittleEndian(e),
                ('i', _) => BinaryPrimitives.ReadInt64LittleEndian(e),
                (_, 2) => BinaryPrimitives.ReadUInt16LittleEndian(e),
                (_, 4) => BinaryPrimitives.ReadUInt32LittleEndian(e),
                _ => BinaryPrimitives.ReadUInt64LittleEndian(e),
            };
        }

        return values;
    }

    private static (string Header, int Offset) Header(byte[] bytes, string name)
    {
        int major = bytes.Length > 6 ? bytes[6] : 0;
        int start = major == 1 ? 10 : 12;
        if (bytes.Length < start)
        {
            throw new InputException($"{name}: the NPY file ends inside its header; it is truncated");
        }

        if (major is < 1 or > 3)
        {
            throw new InputException($"{name}: NPY version {major} is not supported; save version 1, 2 or 3");
        }

        uint length = major == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8))
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8));
        return length > bytes.Length - start || length > 65_535
            ? throw new InputException($"{name}: the header of the NPY file says it has {length} bytes; the file is truncated or damaged")
            : (Encoding.Latin1.GetString(bytes, start, (int)length), start + (int)length);
    }

    private static int[] ParseShape(string text, string name)
    {
        string[] parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length > MaximumRank)
        {
            throw new InputException($"{name}: an array of {parts.Length} dimensions is not supported");
        }

        return Array.ConvertAll(parts, part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int extent)
            ? extent
            : throw new InputException($"{name}: the shape ({Printable(text)}) of the NPY file cannot be read; the file is damaged"));
    }

    private static string Printable(string text) => string.Concat(text.Take(80).Select(c => char.IsControl(c) ? '?' : c)).Trim();

    /// <summary>From first index fastest to last index fastest.</summary>
    private void TurnFortranOrder()
    {
        byte[] source = _file[_offset..];
        int rank = Dimensions.Length;
        var index = new int[rank];
        for (int i = 0; i < Elements; i++)
        {
            long from = 0;
            for (int d = rank - 1; d >= 0; d--)
            {
                from = (from * Dimensions[d]) + index[d];
            }

            source.AsSpan((int)(from * _size), _size).CopyTo(_file.AsSpan(_offset + (i * _size)));
            for (int d = rank - 1; d >= 0 && ++index[d] == Dimensions[d]; d--)
            {
                index[d] = 0;
            }
        }
    }

    [GeneratedRegex(@"'descr'\s*:\s*'(?<all>(?<endian>[<>|=])(?<kind>[a-zA-Z])(?<size>\d))'", RegexOptions.None, 1000)]
    private static partial Regex Descr();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(?<order>True|False)", RegexOptions.None, 1000)]
    private static partial Regex Order();

    [GeneratedRegex(@"'shape'\s*:\s*\((?<shape>[^)]*)\)", RegexOptions.None, 1000)]
    private static partial Regex ShapePattern();
}
