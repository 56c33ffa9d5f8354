namespace TinyInference;

/// <summary>Dot products of rows of weights with one contiguous run of the arena: the core of CONV_2D and FULLY_CONNECTED.</summary>
internal static class DotProducts
{
    /// <summary>Computes <paramref name="count"/> output channels from <paramref name="first"/> on and writes them to the arena from <paramref name="y"/> on.</summary>
    /// <param name="op">Holds weights [channels, length], biases and multipliers.</param>
    /// <param name="arena">All activations.</param>
    /// <param name="accumulators">Scratch for one chunk of channels.</param>
    /// <param name="x">Where the run begins in the arena.</param>
    /// <param name="length">Elements of the run.</param>
    /// <param name="first">The first output channel.</param>
    /// <param name="count">Output channels.</param>
    /// <param name="y">Where the first result goes.</param>
    /// <param name="zpY">Zero point of the result.</param>
    /// <param name="min">Least result.</param>
    /// <param name="max">Largest result.</param>
    internal static void Store(
        Operator op, sbyte[] arena, int[] accumulators, int x, int length, int first, int count, int y, int zpY, int min, int max)
    {
        int last = first + count;
        while (first < last)
        {
            int part = last - first;
            if (part > Requantize.Chunk)
            {
                part = Requantize.Chunk;
            }

            Sum(op.Weights, op.WeightsStart + (first * length), op.Biases, first, part, arena, x, length, accumulators, 0);
            Requantize.Store(accumulators, 0, part, op, first, arena, y, zpY, min, max);
            first += part;
            y += part;
        }
    }

    /// <summary>Sums for <paramref name="count"/> output channels, with their biases from <paramref name="bias"/> on, to <paramref name="sums"/> from <paramref name="to"/> on.</summary>
    internal static void Sum(byte[] weights, int w, int[] biases, int bias, int count, sbyte[] arena, int x, int length, int[] sums, int to)
    {
        int eights = length & ~7;
        for (int i = 0; i < count; i++)
        {
            int sum = biases[bias + i];
            int a = x;
            int end = w + eights;
            while (w < end)
            {
                sum += ((sbyte)weights[w] * arena[a])
                    + ((sbyte)weights[w + 1] * arena[a + 1])
                    + ((sbyte)weights[w + 2] * arena[a + 2])
                    + ((sbyte)weights[w + 3] * arena[a + 3])
                    + ((sbyte)weights[w + 4] * arena[a + 4])
                    + ((sbyte)weights[w + 5] * arena[a + 5])
                    + ((sbyte)weights[w + 6] * arena[a + 6])
                    + ((sbyte)weights[w + 7] * arena[a + 7]);
                w += 8;
                a += 8;
            }

            end += length - eights;
            while (w < end)
            {
                sum += (sbyte)weights[w] * arena[a];
                w++;
                a++;
            }

            sums[to + i] = sum;
        }
    }
}
