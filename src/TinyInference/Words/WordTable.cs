using System;

namespace TinyInference.Words;

/// <summary>
/// Where each word of a vocabulary lies in a square table: its row and its column (resource 2; docs/SPEC.md). A word's vectors are number row, and number
/// side + column, of a table of 2 · side vectors.
/// </summary>
public sealed class WordTable
{
    private const int HeaderBytes = 8;
    private const int None = ushort.MaxValue;

    private readonly byte[] _bytes;
    private readonly int _start;
    private readonly int _bits;

    /// <summary>The word of each cell, row by row, or <see cref="None"/>.</summary>
    private readonly ushort[] _words;

    /// <param name="resource">Its bytes must not change.</param>
    /// <param name="withWords">Also keep which word is in which cell, 2 bytes for each cell.</param>
    /// <exception cref="BlobException">The bytes are no table, or a word is outside of it.</exception>
    public WordTable(Resource resource, bool withWords)
    {
        _bytes = resource.Bytes;
        _start = resource.Start;
        Require(resource.Length >= HeaderBytes);
        Count = BitConverter.ToInt32(_bytes, _start);
        Side = BitConverter.ToUInt16(_bytes, _start + 4);
        _bits = _bytes[_start + 6];
        Require(Count > 0 && Count <= WordIndex.MostWords && Side > 0 && (long)Side * Side >= Count && Side <= WordIndex.MostWords && _bytes[_start + 7] == 0);
        int bits = 1;
        while (1 << bits < Side)
        {
            bits++;
        }

        Require(_bits == bits && resource.Length == HeaderBytes + ((2 * _bits * Count) + 7) / 8);
        _words = withWords ? Invert() : null;
        for (int i = 0; !withWords && i < Count; i++)
        {
            Require(RowOf(i) < Side && ColumnOf(i) < Side);
        }
    }

    /// <summary>Words.</summary>
    public int Count { get; }

    /// <summary>Rows, and columns.</summary>
    public int Side { get; }

    /// <summary>The row of a word, 0 to <see cref="Side"/> - 1.</summary>
    public int RowOf(int word) => Read(2 * word * _bits);

    /// <summary>The column of a word, 0 to <see cref="Side"/> - 1.</summary>
    public int ColumnOf(int word) => Read(((2 * word) + 1) * _bits);

    /// <summary>The word in a cell, or -1 where there is none. Only where the table was made with its words.</summary>
    public int WordAt(int row, int column)
    {
        int word = _words[(row * Side) + column];
        return word == None ? -1 : word;
    }

    private ushort[] Invert()
    {
        // A table may be much larger than its words: nobody shall be asked for memory by a few bytes.
        Require(Side <= 16 || (long)Side * Side <= 4L * Count);
        var words = new ushort[Side * Side];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = None;
        }

        for (int i = 0; i < Count; i++)
        {
            int row = RowOf(i);
            int column = ColumnOf(i);
            Require(row < Side && column < Side && words[(row * Side) + column] == None);
            words[(row * Side) + column] = (ushort)i;
        }

        return words;
    }

    /// <summary>The bits from a place on, the lowest first.</summary>
    private int Read(int bit)
    {
        int at = _start + HeaderBytes + (bit >> 3);
        int have = 8 - (bit & 7);
        int value = _bytes[at] >> (bit & 7);
        while (have < _bits)
        {
            at++;
            value |= _bytes[at] << have;
            have += 8;
        }

        return value & ((1 << _bits) - 1);
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new BlobException(BlobError.Resource, Resource.Cells);
        }
    }
}
