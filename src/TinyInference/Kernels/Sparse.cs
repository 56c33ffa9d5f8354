namespace TinyInference;

/// <summary>
/// The tables that encodings 2 and 3 store instead of all weights (docs/SPEC.md, "Sparse weights"): the count of entries of each row,
/// then for each entry how far it lies from the one before and its weight or three weights. A row is an output channel or three of them.
/// </summary>
internal static class Sparse
{
    /// <summary>Bytes of an entry's distance and one weight.</summary>
    internal const int SingleBytes = 2;

    /// <summary>Bytes of an entry's distance and three weights.</summary>
    internal const int BlockBytes = 4;

    /// <summary>Bytes of a row's count of entries.</summary>
    internal const int CountBytes = 2;

    internal static bool Is(Operator op) => op.Encoding == WeightEncoding.Sparse || op.Encoding == WeightEncoding.SparseBlocks;

    internal static int EntryBytes(Operator op) => op.Encoding == WeightEncoding.SparseBlocks ? BlockBytes : SingleBytes;

    /// <summary>Rows of the table: output channels, or threes of them within each group of a convolution.</summary>
    internal static int Rows(Operator op)
    {
        int channels = op.Biases.Length;
        if (op.Encoding == WeightEncoding.Sparse)
        {
            return channels;
        }

        int groups = op.Kind == OperatorKind.Conv2D ? op.Parameters[12] : 1;
        return groups * (((channels / groups) + 2) / 3);
    }

    /// <summary>Entries of all rows.</summary>
    internal static int Entries(Operator op) => (op.WeightsLength - (CountBytes * Rows(op))) / EntryBytes(op);

    /// <summary>Entries of the row whose count is at <paramref name="at"/>.</summary>
    internal static int Count(byte[] weights, int at) => weights[at] | (weights[at + 1] << 8);

    /// <summary>The table's length is one that a table can have; what it holds is only known once the weights are there.</summary>
    internal static void CheckLength(Operator op)
    {
        int counts = CountBytes * Rows(op);
        Check.Require(op.WeightsLength >= counts && (op.WeightsLength - counts) % EntryBytes(op) == 0, BlobError.Weights, op);
    }

    /// <summary>Walks the whole table: its entries end where it ends, and no row leaves the elements that it is multiplied by.</summary>
    /// <exception cref="BlobException">It does not; a kernel would read elsewhere.</exception>
    internal static void CheckTable(Operator op)
    {
        byte[] weights = op.Weights;
        int size = EntryBytes(op);
        int length = op.RowLength;
        int counts = op.WeightsStart;
        int at = counts + (CountBytes * Rows(op));
        int last = counts + op.WeightsLength;
        for (int end = at; counts < at; counts += CountBytes)
        {
            int entries = Count(weights, counts) * size;
            Check.Require(entries <= last - end, BlobError.Weights, op);
            int position = 0;
            int from = end;
            for (end += entries; from < end; from += size)
            {
                position += weights[from];
            }

            // Distances are not negative: where the last one is inside, all are.
            Check.Require(position < length && (counts + CountBytes < at || end == last), BlobError.Weights, op);
        }
    }

    /// <summary>The three weights of each entry as <see cref="Packed"/> has them.</summary>
    internal static void Unpack(Operator op, long[] packed)
    {
        int count = Entries(op);
        int at = op.WeightsStart + (CountBytes * Rows(op)) + 1;
        for (int i = 0; i < count; i++)
        {
            packed[i] = PackEntry(op.Weights, at);
            at += BlockBytes;
        }
    }

    /// <summary>Three weights from <paramref name="at"/> on in one integer.</summary>
    internal static long PackEntry(byte[] weights, int at)
        => (sbyte)weights[at] + ((long)(sbyte)weights[at + 1] << 21) + ((long)(sbyte)weights[at + 2] << 42);
}
