using System;

namespace TinyInference;

/// <summary>
/// FULLY_CONNECTED with encoding 1: three output channels at a time, from weights that the blob holds packed, [channels / 3, K rounded up to 16]
/// 64-bit integers. Each weight is used once a run, so that packing them here would cost more than it saves. 16 elements of the input
/// at a time are in local variables while they meet a tile of channels.
/// </summary>
internal static class PackedFullyConnected
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        FullyConnected.CheckTensors(op);
        int[] p = op.Parameters;
        int outputs = op.Biases.Length;
        Check.Require(p.Length == 6, BlobError.Parameter, op);
        Check.Require(outputs > 0, BlobError.Weights, op);
        long weights = Check.Times(op, outputs, p[0]);
        Check.Require(p[0] <= int.MaxValue / 32, BlobError.Parameter, op);
        long packed = Check.Times(op, Check.Times(op, (outputs + 2) / 3, Rows(p[0])), 8);
        Check.Counts(op, 6, outputs, packed);
        int rows = op.Inputs[0].ElementCount / p[0];
        Check.Require(op.Inputs[0].ElementCount == (long)rows * p[0] && op.Outputs[0].ElementCount == (long)rows * outputs, BlobError.Shape, op);
        Check.Times(op, weights, rows);
        Check.Quantization(op, outputs);
        int tile = p[4];
        Check.Require(tile > 0 && p[5] > 0 && header.Scratch64 >= (long)tile + Packed.Most && header.Scratch32 >= 3L * tile, BlobError.Parameter, op);
    }

    /// <summary>Packed weights of one triple of channels.</summary>
    internal static int Rows(int length) => (length + Packed.Most - 1) & ~(Packed.Most - 1);

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32, long[] scratch64)
    {
        int[] p = op.Parameters;
        int length = p[0];
        int outputs = op.Biases.Length;
        int triples = (outputs + 2) / 3;
        int tile = p[4];
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        int width = outputs * Tensor.ElementSize(op.Outputs[0].Type);
        for (int end = x + op.Inputs[0].ElementCount; x < end; x += length, y += width)
        {
            for (int first = 0; first < triples; first += tile)
            {
                RunTile(op, arena, scratch32, scratch64, x, y, first, triples - first < tile ? triples - first : tile);
            }
        }
    }

    private static void RunTile(Operator op, sbyte[] arena, int[] wide, long[] sums, int x, int y, int first, int count)
    {
        int[] p = op.Parameters;
        int length = p[0];
        int channel = 3 * first;
        int channels = op.Biases.Length - channel < 3 * count ? op.Biases.Length - channel : 3 * count;
        Sum(op.PackedWeights, first * Rows(length), op.Biases, channel, channels, p[5], arena, x, length, wide, 0, sums);
        if (op.Outputs[0].Type == TensorType.Int16)
        {
            Requantize.StoreWide(wide, 0, channels, op, channel, arena, y + (2 * channel), p[2], p[3]);
        }
        else
        {
            Requantize.Store(wide, 0, channels, op, channel, arena, y + channel, p[1], p[2], p[3]);
        }
    }

    /// <summary>Sums for <paramref name="channels"/> output channels, with their biases from <paramref name="bias"/> on, to <paramref name="wide"/> from <paramref name="to"/> on.</summary>
    internal static void Sum(
        long[] weights, int at, int[] biases, int bias, int channels, int span, sbyte[] arena, int x, int length, int[] wide, int to, long[] sums)
    {
        int rows = Rows(length);
        int count = (channels + 2) / 3;
        Array.Copy(biases, bias, wide, to, channels);

        Array.Clear(sums, Packed.Most, count);
        int terms = 0;
        for (int k = 0; k < length; k += Packed.Most)
        {
            if (terms + Packed.Most > span)
            {
                Spill(sums, count, channels, wide, to);
                terms = 0;
            }

            terms += Packed.Most;
            int size = length - k < Packed.Most ? length - k : Packed.Most;
            for (int i = 0; i < size; i++)
            {
                sums[i] = arena[x + k + i];
            }

            // The weights beyond the length are 0, but what they meet must not be left over.
            Array.Clear(sums, size, Packed.Most - size);
            Multiply(weights, at + k, rows, sums, Packed.Most + count);
        }

        Spill(sums, count, channels, wide, to);
    }

    private static void Multiply(long[] weights, int at, int step, long[] sums, int end)
    {
        long x0 = sums[0];
        long x1 = sums[1];
        long x2 = sums[2];
        long x3 = sums[3];
        long x4 = sums[4];
        long x5 = sums[5];
        long x6 = sums[6];
        long x7 = sums[7];
        long x8 = sums[8];
        long x9 = sums[9];
        long x10 = sums[10];
        long x11 = sums[11];
        long x12 = sums[12];
        long x13 = sums[13];
        long x14 = sums[14];
        long x15 = sums[15];
        for (int i = Packed.Most; i < end; i++)
        {
            sums[i] = sums[i] + (weights[at] * x0) + (weights[at + 1] * x1) + (weights[at + 2] * x2) + (weights[at + 3] * x3)
                + (weights[at + 4] * x4) + (weights[at + 5] * x5) + (weights[at + 6] * x6) + (weights[at + 7] * x7)
                + (weights[at + 8] * x8) + (weights[at + 9] * x9) + (weights[at + 10] * x10) + (weights[at + 11] * x11)
                + (weights[at + 12] * x12) + (weights[at + 13] * x13) + (weights[at + 14] * x14) + (weights[at + 15] * x15);
            at += step;
        }
    }

    /// <summary>Adds the parts of the sums, channel after channel, to <paramref name="wide"/> from <paramref name="to"/> on, and clears the sums.</summary>
    private static void Spill(long[] sums, int count, int channels, int[] wide, int to)
    {
        int i = Packed.Most;
        for (int end = to + channels - 2; to < end; to += 3)
        {
            long sum = sums[i++];
            long part = (sum << 43) >> 43;
            wide[to] += (int)part;
            sum = (sum - part) >> 21;
            part = (sum << 43) >> 43;
            wide[to + 1] += (int)part;
            wide[to + 2] += (int)((sum - part) >> 21);
        }

        // What is left of the last three channels.
        int rest = channels % 3;
        if (rest > 0)
        {
            long sum = sums[i];
            long part = (sum << 43) >> 43;
            wide[to] += (int)part;
            if (rest > 1)
            {
                sum = (sum - part) >> 21;
                wide[to + 1] += (int)((sum << 43) >> 43);
            }
        }

        Array.Clear(sums, Packed.Most, count);
    }
}
