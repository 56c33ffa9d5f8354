using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace TinyInference.Converter.Import.TfLite;

/// <summary>
/// The bytes of a FlatBuffers file, read without trust: every position is checked against the end of the file. Offsets may make
/// one place of the file serve many times, so what is copied out is paid from a budget in proportion to the file's length.
/// </summary>
internal sealed class FlatBuffer(byte[] bytes, string fileName)
{
    private const int BudgetPerByte = 16;
    private const int FixedBudget = 1 << 20;

    private long _budget = ((long)bytes.Length * BudgetPerByte) + FixedBudget;

    /// <summary>For messages.</summary>
    public string FileName { get; } = fileName;

    public int Length => bytes.Length;

    /// <exception cref="InputException">The root lies outside of the file.</exception>
    public FlatTable Root() => Table(Offset(0));

    /// <summary><paramref name="length"/> bytes from <paramref name="position"/>.</summary>
    public ReadOnlySpan<byte> Slice(long position, long length)
    {
        if (position < 0 || length < 0 || position > bytes.Length - length)
        {
            throw Damaged($"it refers to {length} bytes at {position}, but ends at {bytes.Length}");
        }

        return bytes.AsSpan((int)position, (int)length);
    }

    /// <summary>Where the unsigned offset at <paramref name="position"/> points to.</summary>
    public long Offset(long position) => position + BinaryPrimitives.ReadUInt32LittleEndian(Slice(position, 4));

    public FlatTable Table(long position)
    {
        long vtable = position - BinaryPrimitives.ReadInt32LittleEndian(Slice(position, 4));
        int vtableBytes = BinaryPrimitives.ReadUInt16LittleEndian(Slice(vtable, 2));
        int tableBytes = BinaryPrimitives.ReadUInt16LittleEndian(Slice(vtable + 2, 2));
        if (vtableBytes < 4 || tableBytes < 4)
        {
            throw Damaged($"the table at {position} has no fields to speak of");
        }

        Slice(vtable, vtableBytes);
        Slice(position, tableBytes);
        return new FlatTable(this, (int)position, (int)vtable);
    }

    /// <summary>The elements of the vector at <paramref name="position"/>, still in the file.</summary>
    public ReadOnlySpan<byte> Vector(long position, int elementBytes)
    {
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(Slice(position, 4));
        return Slice(position + 4, (long)count * elementBytes);
    }

    public T[] Copy<T>(ReadOnlySpan<byte> elements)
        where T : unmanaged
    {
        Pay(elements.Length);
        return MemoryMarshal.Cast<byte, T>(elements).ToArray();
    }

    public string Text(ReadOnlySpan<byte> utf8)
    {
        Pay(utf8.Length * 2L);
        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>To be called before allocating <paramref name="size"/> bytes on the file's behalf.</summary>
    /// <exception cref="InputException">The file asks for far more than it holds.</exception>
    public void Pay(long size)
    {
        _budget -= size;
        if (_budget < 0)
        {
            throw Damaged("the same data is used far too often for a file of its size");
        }
    }

    public InputException Damaged(string why) => new($"{FileName}: the TensorFlow Lite file is damaged: {why}");
}
