using System.Buffers.Binary;

namespace TinyInference.Converter.Import.TfLite;

/// <summary>
/// A table of a FlatBuffers file. Fields go by their number in the schema; an absent one gives its default. The default value of
/// this type is a table without any field.
/// </summary>
internal readonly struct FlatTable
{
    private readonly FlatBuffer? _file;
    private readonly int _position;
    private readonly int _vtable;

    /// <summary>For <see cref="FlatBuffer"/>, which has checked that table and vtable lie in the file.</summary>
    public FlatTable(FlatBuffer file, int position, int vtable)
    {
        _file = file;
        _position = position;
        _vtable = vtable;
    }

    public bool IsPresent => _file is not null;

    public bool Has(int field) => Find(field, 1) >= 0;

    public bool Bool(int field) => Byte(field) != 0;

    public byte Byte(int field) => Scalar(field, 1) is { IsEmpty: false } s ? s[0] : (byte)0;

    public int Int32(int field, int absent = 0) => Scalar(field, 4) is { IsEmpty: false } s ? BinaryPrimitives.ReadInt32LittleEndian(s) : absent;

    public uint UInt32(int field) => (uint)Int32(field);

    public ulong UInt64(int field) => Scalar(field, 8) is { IsEmpty: false } s ? BinaryPrimitives.ReadUInt64LittleEndian(s) : 0;

    public float Float(int field) => BitConverter.Int32BitsToSingle(Int32(field));

    /// <summary>The table that the field points to; one without fields where it is absent.</summary>
    public FlatTable Table(int field) => Target(field) is { } target ? _file!.Table(target) : default;

    public string Text(int field) => Target(field) is { } target ? _file!.Text(_file.Vector(target, 1)) : "";

    /// <summary>Elements of a vector of bytes, in place.</summary>
    public ReadOnlySpan<byte> Bytes(int field) => Elements(field, 1);

    public int[] Int32s(int field) => _file is null ? [] : _file.Copy<int>(Elements(field, 4));

    public long[] Int64s(int field) => _file is null ? [] : _file.Copy<long>(Elements(field, 8));

    public float[] Floats(int field) => _file is null ? [] : _file.Copy<float>(Elements(field, 4));

    /// <summary>How many tables a vector of tables has.</summary>
    public int TableCount(int field) => Elements(field, 4).Length / 4;

    /// <summary>Table <paramref name="index"/> of a vector of tables; the index must be below <see cref="TableCount"/>.</summary>
    public FlatTable TableAt(int field, int index) => _file!.Table(_file.Offset(Target(field)!.Value + 4 + (4L * index)));

    private ReadOnlySpan<byte> Elements(int field, int elementBytes) => Target(field) is { } target ? _file!.Vector(target, elementBytes) : default;

    private long? Target(int field) => Find(field, 4) is var position and >= 0 ? _file!.Offset(position) : null;

    private ReadOnlySpan<byte> Scalar(int field, int size) => Find(field, size) is var position and >= 0 ? _file!.Slice(position, size) : default;

    /// <summary>Where a field is, or -1. A field takes as much of the table as its type needs.</summary>
    private int Find(int field, int size)
    {
        if (_file is null)
        {
            return -1;
        }

        int entry = 4 + (2 * field);
        if (entry + 2 > U16(_vtable))
        {
            return -1;
        }

        int offset = U16(_vtable + entry);
        if (offset == 0)
        {
            return -1;
        }

        if (offset < 4 || offset + size > U16(_vtable + 2))
        {
            throw _file.Damaged($"field {field} of the table at {_position} lies outside of it");
        }

        return _position + offset;
    }

    private ushort U16(int position) => BinaryPrimitives.ReadUInt16LittleEndian(_file!.Slice(position, 2));
}
