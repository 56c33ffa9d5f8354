namespace TinyInference.Converter.Lowering;

/// <summary>
/// Decides whether a layer's weights are stored sparse, and which way. The figures are executed IL instructions for each
/// multiplication, as the meter counts them in long rows (docs/performance.md).
/// </summary>
internal static class SparseSelection
{
    private const double Plain = 14.9;

    private const double PackedFullyConnected = 4.2;

    private const double PackedConv2D = 5;

    /// <summary>For each entry and input row, of one weight or of three.</summary>
    private const double EntryOfFullyConnected = 20;

    /// <summary>For each entry and output position; with the results, which are requantized one by one.</summary>
    private const double EntryOfConv2D = 16;

    /// <summary>For each entry and tile: reading it into local variables.</summary>
    private const double Decoding = 45;

    /// <summary>scratch32 (8 + 4 * 34) * 4 beside the scratch64 (16 + 40) * 8 of packed kernels stays within <see cref="KernelSelection.ScratchBytes"/>.</summary>
    private const int MostTile = 34;

    /// <summary>Entries that CONV_2D takes at a time.</summary>
    private const int Chunk = 8;

    /// <summary>Output channels of a block.</summary>
    private const int Block = 3;

    public static bool TryFullyConnected(BlobOperator op, KernelPreference preference)
    {
        double dense = preference == KernelPreference.Speed ? PackedFullyConnected : Plain;
        if (Choose(op, 1, preference, dense, EntryOfFullyConnected) is not { } choice)
        {
            return false;
        }

        bool isBlocks = choice.Encoding == WeightEncoding.SparseBlocks;
        op.Weights = choice.Table.Bytes;
        op.Encoding = choice.Encoding;
        op.Parameters = isBlocks ? [.. op.Parameters, choice.Table.Span] : op.Parameters;
        return true;
    }

    /// <param name="freeBytes">Of the arena, while the operator runs: its patch must not raise the peak.</param>
    public static bool TryConv2D(BlobOperator op, KernelPreference preference, int freeBytes)
    {
        int outputs = op.Output.Shape[3];
        int positions = op.Output.Shape[1] * op.Output.Shape[2];
        int window = op.Weights.Length / outputs;
        int tile = Math.Min(positions, op.PatchBytes > 0 ? Math.Min(MostTile, freeBytes / window) : MostTile);
        if (tile == 0)
        {
            return false;
        }

        // Tiles of one size: the last one is not left with a few positions.
        int tiles = (positions + tile - 1) / tile;
        tile = (positions + tiles - 1) / tiles;
        double dense = positions < KernelSelection.FewPositions ? Plain : PackedConv2D;
        if (Choose(op, op.Parameters[12], preference, dense, EntryOfConv2D + (Decoding / tile)) is not { } choice)
        {
            return false;
        }

        bool isBlocks = choice.Encoding == WeightEncoding.SparseBlocks;
        op.Weights = choice.Table.Bytes;
        op.Encoding = choice.Encoding;
        op.Parameters = isBlocks ? [.. op.Parameters, tile, choice.Table.Span] : [.. op.Parameters, tile];
        op.PatchBytes *= tile;
        op.Scratch32 = Chunk + ((isBlocks ? Block + 1 : 2) * tile);
        op.Scratch64 = Chunk + tile;
        return true;
    }

    /// <summary>The smallest way that is smaller than dense weights and no slower; for speed the fastest that is faster.</summary>
    /// <param name="dense">Instructions for each multiplication without sparse weights.</param>
    /// <param name="entry">Instructions for each entry.</param>
    private static (int Encoding, SparseTable Table)? Choose(BlobOperator op, int groups, KernelPreference preference, double dense, double entry)
    {
        int weights = op.Weights.Length;

        // Most layers are not pruned at all: no table is made of them.
        if (op.Weights.Count(w => w == 0) * 4L < weights)
        {
            return null;
        }

        (int, SparseTable)? best = null;
        double least = preference == KernelPreference.Speed ? dense * weights : weights;
        foreach (int encoding in new[] { WeightEncoding.Sparse, WeightEncoding.SparseBlocks })
        {
            SparseTable? table = SparseTable.Create(op.Weights, op.Biases.Length, groups, encoding == WeightEncoding.SparseBlocks ? Block : 1);
            if (table is null || entry * table.Entries > dense * weights)
            {
                continue;
            }

            double cost = preference == KernelPreference.Speed ? entry * table.Entries : table.Bytes.Length;
            if (cost < least)
            {
                least = cost;
                best = (encoding, table);
            }
        }

        return best;
    }
}
