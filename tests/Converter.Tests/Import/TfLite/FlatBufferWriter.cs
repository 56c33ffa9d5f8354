using System.Buffers.Binary;
using System.Text;

namespace Converter.Tests.Import.TfLite;

/// <summary>
/// A table to be written: field number to value. Values are byte, int, uint, ulong, float, string, byte[], int[], long[], float[],
/// <see cref="FlatTableData"/> or an array of these.
/// </summary>
internal sealed class FlatTableData : SortedDictionary<int, object>
{
}

/// <summary>Writes FlatBuffers, each table before what it points to; a table that is in a vector twice is written once.</summary>
internal sealed class FlatBufferWriter
{
    private readonly List<byte> _bytes = [];

    /// <summary>The file with the identifier and its root table.</summary>
    public static byte[] Write(string identifier, FlatTableData root)
    {
        var writer = new FlatBufferWriter();
        writer._bytes.AddRange(new byte[4]);
        writer._bytes.AddRange(Encoding.ASCII.GetBytes(identifier));
        writer.Patch(0, writer.Table(root));
        return [.. writer._bytes];
    }

    private int Table(FlatTableData table)
    {
        int fields = table.Count == 0 ? 0 : table.Keys.Last() + 1;
        byte[] vtable = new byte[4 + (2 * fields)];
        var body = new List<byte>(new byte[4]);
        foreach ((int field, object value) in table)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(vtable.AsSpan(4 + (2 * field)), (ushort)body.Count);
            body.AddRange(Inline(value));
        }

        BinaryPrimitives.WriteUInt16LittleEndian(vtable, (ushort)vtable.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(vtable.AsSpan(2), (ushort)body.Count);
        int vtableAt = Append(vtable);
        int tableAt = Append([.. body]);
        Patch(tableAt, tableAt - vtableAt, relative: false);
        foreach ((int field, object value) in table)
        {
            int at = tableAt + BinaryPrimitives.ReadUInt16LittleEndian(vtable.AsSpan(4 + (2 * field)));
            if (Target(value) is { } target)
            {
                Patch(at, target);
            }
        }

        return tableAt;
    }

    private static byte[] Inline(object value) => value switch
    {
        byte b => [b],
        int i => BitConverter.GetBytes(i),
        uint u => BitConverter.GetBytes(u),
        ulong l => BitConverter.GetBytes(l),
        float f => BitConverter.GetBytes(f),
        _ => new byte[4],
    };

    private int? Target(object value) => value switch
    {
        FlatTableData table => Table(table),
        FlatTableData[] tables => Tables(tables),
        string text => Vector(Encoding.UTF8.GetByteCount(text), Encoding.UTF8.GetBytes(text)),
        byte[] bytes => Vector(bytes.Length, bytes),
        int[] ints => Vector(ints.Length, [.. ints.SelectMany(BitConverter.GetBytes)]),
        long[] longs => Vector(longs.Length, [.. longs.SelectMany(BitConverter.GetBytes)]),
        float[] floats => Vector(floats.Length, [.. floats.SelectMany(BitConverter.GetBytes)]),
        _ => null,
    };

    private int Tables(FlatTableData[] tables)
    {
        int at = Vector(tables.Length, new byte[4 * tables.Length]);
        var written = new Dictionary<FlatTableData, int>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < tables.Length; i++)
        {
            if (!written.TryGetValue(tables[i], out int table))
            {
                table = Table(tables[i]);
                written.Add(tables[i], table);
            }

            Patch(at + 4 + (4 * i), table);
        }

        return at;
    }

    private int Vector(int count, byte[] elements)
    {
        int at = Append(BitConverter.GetBytes(count));
        _bytes.AddRange(elements);
        return at;
    }

    private int Append(byte[] data)
    {
        _bytes.AddRange(new byte[-_bytes.Count & 3]);
        int at = _bytes.Count;
        _bytes.AddRange(data);
        return at;
    }

    private void Patch(int at, int target, bool relative = true)
    {
        byte[] offset = BitConverter.GetBytes(relative ? target - at : target);
        for (int i = 0; i < 4; i++)
        {
            _bytes[at + i] = offset[i];
        }
    }
}
