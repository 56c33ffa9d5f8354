using System.Buffers;
using System.Buffers.Binary;

namespace TinyInference.Converter.Emission;

/// <summary>Collects the bytes of one section of a blob, little endian.</summary>
internal sealed class SectionWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public int Length => _bytes.WrittenCount;

    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    public void U8(int value) => _bytes.Write([(byte)value]);

    public void U16(int value)
    {
        Span<byte> buffer = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(buffer, checked((ushort)value));
        _bytes.Write(buffer);
    }

    public void I32(int value)
    {
        Span<byte> buffer = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(buffer, value);
        _bytes.Write(buffer);
    }

    public void I32(IEnumerable<int> values)
    {
        foreach (int value in values)
        {
            I32(value);
        }
    }

    public void I8(sbyte[] values) => Raw((byte[])(Array)values);

    public void Raw(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    /// <summary>Zeros up to a multiple of <paramref name="alignment"/>.</summary>
    public void Align(int alignment)
    {
        while (Length % alignment != 0)
        {
            U8(0);
        }
    }
}
