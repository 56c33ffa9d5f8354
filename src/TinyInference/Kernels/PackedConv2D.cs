using System;

namespace TinyInference;

/// <summary>
/// CONV_2D with encoding 1: the same bytes as <see cref="Conv2D"/>, from three output channels at a time (<see cref="Packed"/>). A few
/// weights are packed into local variables and then meet a whole tile of output positions, so that packing costs next to nothing.
/// Windows are read in place, kernel element by kernel element; where the input has few channels, a tile of them is gathered first.
/// </summary>
internal static class PackedConv2D
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Images(op);
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        Check.Convolution(op, 16, y);
        int groupInputs = Check.Groups(op, x[3], p[12]);
        Check.Groups(op, y[3], p[12]);
        long window = Check.Times(op, Check.Times(op, p[0], p[1]), groupInputs);
        Check.Times(op, window, op.Outputs[0].ElementCount);
        Check.Counts(op, 16, y[3], window * y[3]);
        Check.Quantization(op, y[3]);

        int tile = p[14];
        int span = p[15];
        Check.Require(tile > 0 && span > 0, BlobError.Parameter, op);
        Check.Require(header.Scratch64 >= (long)tile + Packed.Most && header.Scratch32 >= 3L * tile, BlobError.Parameter, op);
        Check.Require(p[13] == -1 || (p[13] >= 0 && window * tile <= header.ArenaBytes - p[13]), BlobError.Parameter, op);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32, long[] scratch64)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int positions = y[1] * y[2];
        int groups = p[12];
        int tile = p[14];
        int imageBytes = x[1] * x[2] * x[3];
        for (int n = 0; n < x[0]; n++)
        {
            for (int group = 0; group < groups; group++)
            {
                for (int first = 0; first < positions; first += tile)
                {
                    int count = positions - first < tile ? positions - first : tile;
                    RunTile(op, arena, scratch32, scratch64, n * imageBytes, n * positions, group, first, count);
                }
            }
        }
    }

    /// <summary>Output positions <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1 of one image, all channels of one group.</summary>
    private static void RunTile(Operator op, sbyte[] arena, int[] wide, long[] sums, int imageOffset, int firstOfImage, int group, int first, int count)
    {
        int[] p = op.Parameters;
        int channels = op.Outputs[0].Dimensions[3];
        int groupInputs = op.Inputs[0].Dimensions[3] / p[12];
        int groupOutputs = channels / p[12];
        int window = p[0] * p[1] * groupInputs;
        int image = op.Inputs[0].ArenaOffset + imageOffset + (group * groupInputs);
        int outputWidth = op.Outputs[0].Dimensions[2];
        int patch = p[13];
        int zpY = p[9];
        int min = p[10];
        int max = p[11];
        if (patch >= 0)
        {
            for (int i = 0; i < count; i++)
            {
                int oy = (first + i) / outputWidth;
                int ox = (first + i) - (oy * outputWidth);
                Conv2D.Gather(op, arena, image, (oy * p[2]) - p[6], (ox * p[3]) - p[7], patch + (i * window));
            }
        }

        bool isRelu = min == zpY && Packed.ShiftsRight(op);
        int last = (group + 1) * groupOutputs;
        int y = op.Outputs[0].ArenaOffset + ((firstOfImage + first) * channels);
        for (int channel = group * groupOutputs; channel < last; channel += 3)
        {
            int parts = last - channel < 3 ? last - channel : 3;
            bool spilled = MultiplyTile(op, arena, wide, sums, channel, parts, image, first, count);
            if (!spilled && isRelu)
            {
                Packed.StoreRelu(sums, Packed.Most, count, op, channel, parts, arena, y + channel, channels, zpY, max);
                continue;
            }

            Packed.Spill(sums, Packed.Most, count, op, channel, parts, wide, !spilled);
            for (int i = 0; i < count; i++)
            {
                Requantize.Store(wide, 3 * i, parts, op, channel, arena, y + channel + (i * channels), zpY, min, max);
            }
        }
    }

    /// <summary>
    /// Sums over the windows of a tile, gathered at the patch or where they are in the input: then kernel element by kernel element, all positions at
    /// once. Returns whether sums were spilled on the way.
    /// </summary>
    private static bool MultiplyTile(Operator op, sbyte[] arena, int[] wide, long[] sums, int channel, int parts, int image, int first, int count)
    {
        int[] p = op.Parameters;
        int kernelW = p[1];
        int groupInputs = op.Inputs[0].Dimensions[3] / p[12];
        int window = p[0] * kernelW * groupInputs;
        int patch = p[13];
        int span = p[15];
        int a = op.WeightsStart + (channel * window);
        int b = parts > 1 ? a + window : a;
        int c = parts > 2 ? b + window : a;
        Array.Clear(sums, Packed.Most, count);

        // Gathered, a window is one run; in the input, a run ends where a kernel element's channels end.
        int run = patch >= 0 ? window : groupInputs;
        bool spilled = false;
        int terms = 0;
        int size;
        int element = 0;
        for (int k = 0; k < window; k += size)
        {
            int within = k - (element * run);
            size = run - within < Packed.Most ? run - within : Packed.Most;
            if (terms + size > span)
            {
                Packed.Spill(sums, Packed.Most, count, op, channel, parts, wide, !spilled);
                spilled = true;
                terms = 0;
            }

            terms += size;
            Packed.Pack(op.Weights, a + k, b + k, c + k, size, sums);
            if (patch >= 0)
            {
                Packed.Multiply(sums, size, arena, patch + k, window, Packed.Most, Packed.Most + count);
            }
            else
            {
                MultiplyElement(op, arena, sums, size, image + within, element / kernelW, element % kernelW, first, count);
            }

            if (within + size == run)
            {
                element++;
            }
        }

        return spilled;
    }

    /// <summary>Adds what the packed weights of one kernel element contribute to positions <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1.</summary>
    private static void MultiplyElement(Operator op, sbyte[] arena, long[] sums, int size, int image, int ky, int kx, int first, int count)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int height = x[1];
        int width = x[2];
        int channels = x[3];
        int outputWidth = op.Outputs[0].Dimensions[2];
        int strideH = p[2];
        int strideW = p[3];
        int left = (kx * p[5]) - p[7];
        int end = first + count;
        if (outputWidth == width && op.Outputs[0].Dimensions[1] <= height && strideW == 1 && strideH == 1 && left == 0 && (ky * p[4]) == p[6])
        {
            // Each output position has its input at the same place: rows follow one another without a seam.
            Packed.Multiply(sums, size, arena, image + (first * channels), channels, Packed.Most, Packed.Most + count);
            return;
        }

        // Columns from..to-1 of the output have this kernel element inside the input; both by division rounded up.
        int from = left >= 0 ? 0 : (strideW - 1 - left) / strideW;
        int to = width <= left ? 0 : (width - left + strideW - 1) / strideW;
        if (to > outputWidth)
        {
            to = outputWidth;
        }

        if (from > to)
        {
            from = to;
        }

        long outside = 0;
        for (int i = 0; i < size; i++)
        {
            outside += sums[i];
        }

        outside *= p[8];
        int oy = first / outputWidth;
        int rowStart = oy * outputWidth;
        for (int sum = Packed.Most - first; rowStart < end; oy++, rowStart += outputWidth)
        {
            // The part of this output row that is in the tile, and of that the part with input.
            int rowFirst = rowStart < first ? first : rowStart;
            int rowEnd = rowStart + outputWidth < end ? rowStart + outputWidth : end;
            int row = (oy * strideH) - p[6] + (ky * p[4]);
            int inFirst = rowEnd;
            int inEnd = rowEnd;
            if (row >= 0 && row < height)
            {
                inFirst = rowStart + from < rowFirst ? rowFirst : rowStart + from < rowEnd ? rowStart + from : rowEnd;
                inEnd = rowStart + to < inFirst ? inFirst : rowStart + to < rowEnd ? rowStart + to : rowEnd;
            }

            if (rowFirst < inFirst)
            {
                Packed.Add(outside, sums, sum + rowFirst, sum + inFirst);
            }

            if (inFirst < inEnd)
            {
                int at = image + (((row * width) + ((inFirst - rowStart) * strideW) + left) * channels);
                Packed.Multiply(sums, size, arena, at, strideW * channels, sum + inFirst, sum + inEnd);
            }

            if (inEnd < rowEnd)
            {
                Packed.Add(outside, sums, sum + inEnd, sum + rowEnd);
            }
        }
    }
}
