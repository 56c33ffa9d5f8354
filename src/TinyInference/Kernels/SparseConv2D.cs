using System;

namespace TinyInference;

/// <summary>
/// CONV_2D with encodings 2 and 3: the same bytes as <see cref="Conv2D"/> from the weights that are not 0. A few entries are decoded into local
/// variables and then meet a whole tile of output positions. Both encodings add up in 64-bit integers: of one output channel, or of three
/// as <see cref="Packed"/> has them.
/// </summary>
internal static class SparseConv2D
{
    /// <summary>Entries that are decoded at a time.</summary>
    private const int Most = 8;

    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Images(op);
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        bool isBlocks = op.Encoding == WeightEncoding.SparseBlocks;
        Check.Convolution(op, isBlocks ? 16 : 15, y);
        int groupInputs = Check.Groups(op, x[3], p[12]);
        Check.Groups(op, y[3], p[12]);
        long window = Check.Times(op, Check.Times(op, p[0], p[1]), groupInputs);
        Check.Times(op, window, op.Outputs[0].ElementCount);
        Check.Require(op.Biases.Length == y[3], BlobError.Weights, op);
        Check.Quantization(op, y[3]);
        Sparse.CheckLength(op);

        int tile = p[14];
        long integers = ((long)Width(op) * tile) + tile + Most;
        Check.Require(tile > 0 && (!isBlocks || p[15] > 0), BlobError.Parameter, op);
        Check.Require(header.Scratch64 >= (long)tile + Most && header.Scratch32 >= integers, BlobError.Parameter, op);
        if (p[13] < 0)
        {
            Conv2D.CheckRuns(op);
        }
        else
        {
            Check.Require(window * tile <= header.ArenaBytes - p[13], BlobError.Parameter, op);
        }
    }

    /// <summary>Output channels of a row of the table.</summary>
    private static int Width(Operator op) => op.Encoding == WeightEncoding.SparseBlocks ? 3 : 1;

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32, long[] scratch64)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int positions = y[1] * y[2];
        int tile = p[14];
        int imageBytes = x[1] * x[2] * x[3];
        for (int n = 0; n < x[0]; n++)
        {
            for (int first = 0; first < positions; first += tile)
            {
                int count = positions - first < tile ? positions - first : tile;
                RunTile(op, arena, scratch32, scratch64, n * imageBytes, n * positions, first, count);
            }
        }
    }

    /// <summary>Output positions <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1 of one image, group after group.</summary>
    private static void RunTile(Operator op, sbyte[] arena, int[] wide, long[] sums, int imageOffset, int firstOfImage, int first, int count)
    {
        int[] p = op.Parameters;
        int channels = op.Outputs[0].Dimensions[3];
        int groups = p[12];
        int groupInputs = op.Inputs[0].Dimensions[3] / groups;
        int groupOutputs = channels / groups;
        int width = Width(op);
        int counts = op.WeightsStart;
        int w = counts + (Sparse.CountBytes * Sparse.Rows(op));
        int y = op.Outputs[0].ArenaOffset + ((firstOfImage + first) * channels);
        bool isRelu = width == 3 && p[10] == p[9] && Packed.ShiftsRight(op);
        for (int group = 0; group < groups; group++)
        {
            FindWindows(op, arena, wide, width * p[14], op.Inputs[0].ArenaOffset + imageOffset + (group * groupInputs), first, count);
            int last = (group + 1) * groupOutputs;
            for (int channel = group * groupOutputs; channel < last; channel += width)
            {
                int parts = last - channel < width ? last - channel : width;
                int entries = Sparse.Count(op.Weights, counts);
                counts += Sparse.CountBytes;
                bool spilled = MultiplyRow(op, arena, wide, sums, w, entries, channel, parts, count);
                w += entries * Sparse.EntryBytes(op);
                if (isRelu && !spilled)
                {
                    Packed.StoreRelu(sums, Most, count, op, channel, parts, arena, y + channel, channels, p[9], p[11]);
                    continue;
                }

                if (width == 1)
                {
                    AddBias(sums, count, op.Biases[channel], wide);
                }
                else
                {
                    Packed.Spill(sums, Most, count, op, channel, parts, wide, !spilled);
                }

                for (int i = 0; i < count; i++)
                {
                    Requantize.Store(wide, width * i, parts, op, channel, arena, y + channel + (i * channels), p[9], p[10], p[11]);
                }
            }
        }
    }

    /// <summary>Gathers the tile's windows or finds them in the input; where each begins goes to <paramref name="starts"/> from <paramref name="to"/> on.</summary>
    private static void FindWindows(Operator op, sbyte[] arena, int[] starts, int to, int image, int first, int count)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int window = op.RowLength;
        int outputWidth = op.Outputs[0].Dimensions[2];
        int patch = p[13];
        for (int i = 0; i < count; i++)
        {
            int oy = (first + i) / outputWidth;
            int row = (oy * p[2]) - p[6];
            int column = ((first + i - (oy * outputWidth)) * p[3]) - p[7];
            if (patch < 0)
            {
                starts[to + i] = image + (((row * x[2]) + column) * x[3]);
            }
            else
            {
                Conv2D.Gather(op, arena, image, row, column, patch + (i * window));
                starts[to + i] = patch + (i * window);
            }
        }
    }

    /// <summary>
    /// Sums of the entries from <paramref name="w"/> on with each window of the tile, in sums from <see cref="Most"/> on. Returns whether
    /// sums were spilled on the way.
    /// </summary>
    private static bool MultiplyRow(Operator op, sbyte[] arena, int[] wide, long[] sums, int w, int entries, int channel, int parts, int count)
    {
        int[] p = op.Parameters;
        bool isBlocks = op.Encoding == WeightEncoding.SparseBlocks;
        int size = isBlocks ? Sparse.BlockBytes : Sparse.SingleBytes;
        int span = isBlocks ? p[15] : int.MaxValue;
        int starts = isBlocks ? 3 * p[14] : p[14];
        int places = starts + p[14];
        byte[] weights = op.Weights;
        Array.Clear(sums, Most, count);
        bool spilled = false;
        int terms = 0;
        int position = 0;
        while (entries > 0)
        {
            int part = entries < Most ? entries : Most;
            entries -= part;
            if (part > span - terms && terms > 0)
            {
                Packed.Spill(sums, Most, count, op, channel, parts, wide, !spilled);
                spilled = true;
                terms = 0;
            }

            terms += part;
            for (int i = 0; i < part; i++)
            {
                position += weights[w];
                wide[places + i] = position;
                sums[i] = isBlocks ? Sparse.PackEntry(weights, w + 1) : (sbyte)weights[w + 1];
                w += size;
            }

            // What is missing to 4 or 8 entries is 0 at a place that is there.
            int padded = part > 4 ? 8 : 4;
            for (int i = part; i < padded; i++)
            {
                wide[places + i] = position;
                sums[i] = 0;
            }

            if (padded == 8)
            {
                Multiply8(sums, wide, places, arena, starts, count);
            }
            else
            {
                Multiply4(sums, wide, places, arena, starts, count);
            }
        }

        return spilled;
    }

    private static void Multiply8(long[] sums, int[] wide, int places, sbyte[] arena, int start, int count)
    {
        long w0 = sums[0];
        long w1 = sums[1];
        long w2 = sums[2];
        long w3 = sums[3];
        long w4 = sums[4];
        long w5 = sums[5];
        long w6 = sums[6];
        long w7 = sums[7];
        int p0 = wide[places];
        int p1 = wide[places + 1];
        int p2 = wide[places + 2];
        int p3 = wide[places + 3];
        int p4 = wide[places + 4];
        int p5 = wide[places + 5];
        int p6 = wide[places + 6];
        int p7 = wide[places + 7];
        int end = Most + count;
        for (int i = Most; i < end; i++)
        {
            int x = wide[start++];
            sums[i] = sums[i] + (w0 * arena[x + p0]) + (w1 * arena[x + p1]) + (w2 * arena[x + p2]) + (w3 * arena[x + p3])
                + (w4 * arena[x + p4]) + (w5 * arena[x + p5]) + (w6 * arena[x + p6]) + (w7 * arena[x + p7]);
        }
    }

    private static void Multiply4(long[] sums, int[] wide, int places, sbyte[] arena, int start, int count)
    {
        long w0 = sums[0];
        long w1 = sums[1];
        long w2 = sums[2];
        long w3 = sums[3];
        int p0 = wide[places];
        int p1 = wide[places + 1];
        int p2 = wide[places + 2];
        int p3 = wide[places + 3];
        int end = Most + count;
        for (int i = Most; i < end; i++)
        {
            int x = wide[start++];
            sums[i] = sums[i] + (w0 * arena[x + p0]) + (w1 * arena[x + p1]) + (w2 * arena[x + p2]) + (w3 * arena[x + p3]);
        }
    }

    /// <summary>Sums of one output channel and its bias, as the 32-bit integers that they are.</summary>
    private static void AddBias(long[] sums, int count, int bias, int[] wide)
    {
        for (int i = 0; i < count; i++)
        {
            wide[i] = (int)sums[Most + i] + bias;
        }
    }
}
