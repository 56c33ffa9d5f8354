using System.Numerics;
using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Language;

/// <summary>Writes resource 2 (docs/SPEC.md): for each word its row and its column, packed to as few bits as the side of the table needs.</summary>
internal static class WordTableWriter
{
    /// <summary>The resources of a vocabulary: index and table.</summary>
    /// <param name="words">By the numbers that training gave them.</param>
    /// <param name="cells">For each word row * side + column.</param>
    /// <exception cref="InputException">The table is too small for the words, a cell is outside of it or taken twice, or the words cannot be stored.</exception>
    public static BlobResource[] Write(IReadOnlyList<string> words, IReadOnlyList<int> cells, int side)
    {
        if (cells.Count != words.Count || (long)side * side < words.Count || side is < 1 or > ushort.MaxValue)
        {
            throw new InputException($"{words.Count} words do not fit the {cells.Count} cells that are given in a table of {side} x {side}");
        }

        (byte[] index, int[] numbers) = WordIndexWriter.Write(words);
        var sorted = new int[cells.Count];
        var taken = new HashSet<int>();
        for (int i = 0; i < numbers.Length; i++)
        {
            if (cells[i] < 0 || cells[i] >= (long)side * side || !taken.Add(cells[i]))
            {
                throw new InputException($"the word '{words[i]}' is in cell {cells[i]}, which another word has, or which is outside of the table of {side} x {side}");
            }

            sorted[numbers[i]] = cells[i];
        }

        return [new BlobResource(Resource.Words, index), new BlobResource(Resource.Cells, Table(sorted, side))];
    }

    private static byte[] Table(int[] cells, int side)
    {
        const int HeaderBytes = 8;
        int bits = Math.Max(1, BitOperations.Log2((uint)side - 1) + 1);
        byte[] bytes = new byte[HeaderBytes + ((((2 * bits * cells.Length) + 7) / 8))];
        BitConverter.TryWriteBytes(bytes, cells.Length);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), (ushort)side);
        bytes[6] = (byte)bits;
        int at = 8 * HeaderBytes;
        foreach (int cell in cells)
        {
            Add(cell / side);
            Add(cell % side);
        }

        return bytes;

        void Add(int value)
        {
            for (int b = 0; b < bits; b++, at++)
            {
                bytes[at >> 3] |= (byte)(((value >> b) & 1) << (at & 7));
            }
        }
    }
}
