using System;
using System.Text;

namespace TinyInference;

/// <summary>Reads little-endian numbers from the plan of a blob, front to back; every read is checked against the end of the section.</summary>
internal sealed class PlanReader
{
    private readonly byte[] _bytes;
    private readonly BlobError _error;
    private readonly int _end;

    /// <param name="bytes">Holds the section.</param>
    /// <param name="start">The section's first byte.</param>
    /// <param name="end">The first byte after the section; at most the array's length.</param>
    /// <param name="error">What to report when something reaches beyond the section.</param>
    public PlanReader(byte[] bytes, int start, int end, BlobError error)
    {
        _bytes = bytes;
        _error = error;
        _end = end;
        Position = start;
    }

    public int Position { get; private set; }

    /// <summary>The tensor or operator being read, for the error.</summary>
    public int Index { get; set; } = -1;

    public bool AtEnd => Position == _end;

    public int U8() => _bytes[Take(1)];

    public int U16() => BitConverter.ToUInt16(_bytes, Take(2));

    public int I32() => BitConverter.ToInt32(_bytes, Take(4));

    /// <summary>A u32 that must not exceed <paramref name="most"/>.</summary>
    public int U32(int most)
    {
        int value = I32();
        if (value < 0 || value > most)
        {
            throw Bad();
        }

        return value;
    }

    public int[] I32Array(int count)
    {
        int from = Take(count, 4);
        var array = new int[count];
        for (int i = 0; i < count; i++)
        {
            array[i] = BitConverter.ToInt32(_bytes, from + (4 * i));
        }

        return array;
    }

    public sbyte[] I8Array(int count)
    {
        int from = Take(count);
        var array = new sbyte[count];
        for (int i = 0; i < count; i++)
        {
            array[i] = (sbyte)_bytes[from + i];
        }

        return array;
    }

    public string Utf8(int count)
    {
        int from = Take(count);
        return Encoding.UTF8.GetString(_bytes, from, count);
    }

    /// <summary>Goes to the next multiple of 4; what it passes over must be 0.</summary>
    public void Align()
    {
        while ((Position & 3) != 0)
        {
            if (U8() != 0)
            {
                throw Bad();
            }
        }
    }

    public BlobException Bad() => new(_error, Index);

    private int Take(int count, int size = 1)
    {
        int from = Position;
        if (count > (_end - from) / size)
        {
            throw Bad();
        }

        Position = from + (count * size);
        return from;
    }
}
