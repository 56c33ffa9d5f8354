namespace TinyInference;

/// <summary>
/// FULLY_CONNECTED with encodings 2 and 3: the same bytes as <see cref="FullyConnected"/> from the weights that are not 0. Entries follow one
/// another in memory, and the place in the input moves by each entry's distance.
/// </summary>
internal static class SparseFullyConnected
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Int8(op, 1, 1);
        int[] p = op.Parameters;
        int outputs = op.Biases.Length;
        bool isBlocks = op.Encoding == WeightEncoding.SparseBlocks;
        Check.Require(p.Length == (isBlocks ? 5 : 4), BlobError.Parameter, op);
        Check.Require(outputs > 0, BlobError.Weights, op);
        long weights = Check.Times(op, outputs, p[0]);
        int rows = op.Inputs[0].ElementCount / p[0];
        Check.Require(op.Inputs[0].ElementCount == (long)rows * p[0] && op.Outputs[0].ElementCount == (long)rows * outputs, BlobError.Shape, op);
        Check.Times(op, weights, rows);
        Check.ZeroPoint(op, 1);
        Check.Clamp(op, 2);
        Check.Quantization(op, outputs);
        Check.Scratch(op, header, outputs);
        Check.Require(!isBlocks || p[4] > 0, BlobError.Parameter, op);
        Sparse.CheckLength(op);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int length = op.Parameters[0];
        int outputs = op.Biases.Length;
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        for (int end = x + op.Inputs[0].ElementCount; x < end; x += length, y += outputs)
        {
            if (op.Encoding == WeightEncoding.SparseBlocks)
            {
                MultiplyBlocks(op, arena, scratch32, x, y);
            }
            else
            {
                Multiply(op, arena, scratch32, x, y);
            }
        }
    }

    private static void Multiply(Operator op, sbyte[] arena, int[] accumulators, int x, int y)
    {
        int[] p = op.Parameters;
        byte[] weights = op.Weights;
        int[] biases = op.Biases;
        int outputs = biases.Length;
        int counts = op.WeightsStart;
        int w = counts + (Sparse.CountBytes * outputs);
        int part;
        for (int first = 0; first < outputs; first += part)
        {
            part = outputs - first < Requantize.Chunk ? outputs - first : Requantize.Chunk;
            for (int i = 0; i < part; i++)
            {
                int entries = weights[counts] | (weights[counts + 1] << 8);
                counts += Sparse.CountBytes;
                int sum = biases[first + i];
                int a = x;
                int end = w + ((entries & ~7) * Sparse.SingleBytes);
                while (w < end)
                {
                    // Operands are evaluated from left to right: each term moves the place for the next.
                    sum += ((sbyte)weights[w + 1] * arena[a += weights[w]])
                        + ((sbyte)weights[w + 3] * arena[a += weights[w + 2]])
                        + ((sbyte)weights[w + 5] * arena[a += weights[w + 4]])
                        + ((sbyte)weights[w + 7] * arena[a += weights[w + 6]])
                        + ((sbyte)weights[w + 9] * arena[a += weights[w + 8]])
                        + ((sbyte)weights[w + 11] * arena[a += weights[w + 10]])
                        + ((sbyte)weights[w + 13] * arena[a += weights[w + 12]])
                        + ((sbyte)weights[w + 15] * arena[a += weights[w + 14]]);
                    w += 8 * Sparse.SingleBytes;
                }

                end += (entries & 7) * Sparse.SingleBytes;
                while (w < end)
                {
                    sum += (sbyte)weights[w + 1] * arena[a += weights[w]];
                    w += Sparse.SingleBytes;
                }

                accumulators[i] = sum;
            }

            Requantize.Store(accumulators, 0, part, op, first, arena, y + first, p[1], p[2], p[3]);
        }
    }

    /// <summary>Three output channels at a time, from the weights that <see cref="Sparse.Unpack"/> has made.</summary>
    private static void MultiplyBlocks(Operator op, sbyte[] arena, int[] accumulators, int x, int y)
    {
        const int Chunk = Requantize.Chunk / 3 * 3;
        int[] p = op.Parameters;
        int[] biases = op.Biases;
        int outputs = biases.Length;
        int counts = op.WeightsStart;
        int w = counts + (Sparse.CountBytes * Sparse.Rows(op));
        int packed = 0;
        int part;
        for (int first = 0; first < outputs; first += part)
        {
            part = outputs - first < Chunk ? outputs - first : Chunk;
            for (int i = 0; i < part; i++)
            {
                accumulators[i] = biases[first + i];
            }

            for (int i = 0; i < part; i += 3)
            {
                int entries = Sparse.Count(op.Weights, counts);
                counts += Sparse.CountBytes;
                MultiplyRow(op, arena, x, w, packed, entries, accumulators, i, part);
                w += entries * Sparse.BlockBytes;
                packed += entries;
            }

            Requantize.Store(accumulators, 0, part, op, first, arena, y + first, p[1], p[2], p[3]);
        }
    }

    /// <summary>Adds what the entries of one row contribute to accumulators <paramref name="to"/> to <paramref name="to"/> + 2, as far as they are below <paramref name="channels"/>.</summary>
    private static void MultiplyRow(Operator op, sbyte[] arena, int a, int w, int from, int entries, int[] accumulators, int to, int channels)
    {
        byte[] weights = op.Weights;
        long[] packed = op.PackedWeights;
        int span = op.Parameters[4];
        while (entries > 0)
        {
            int count = entries < span ? entries : span;
            entries -= count;
            long sum = 0;
            int end = from + (count & ~15);
            while (from < end)
            {
                // Operands are evaluated from left to right: each term moves the place for the next.
                sum = sum + (packed[from] * arena[a += weights[w]])
                    + (packed[from + 1] * arena[a += weights[w + 4]])
                    + (packed[from + 2] * arena[a += weights[w + 8]])
                    + (packed[from + 3] * arena[a += weights[w + 12]])
                    + (packed[from + 4] * arena[a += weights[w + 16]])
                    + (packed[from + 5] * arena[a += weights[w + 20]])
                    + (packed[from + 6] * arena[a += weights[w + 24]])
                    + (packed[from + 7] * arena[a += weights[w + 28]])
                    + (packed[from + 8] * arena[a += weights[w + 32]])
                    + (packed[from + 9] * arena[a += weights[w + 36]])
                    + (packed[from + 10] * arena[a += weights[w + 40]])
                    + (packed[from + 11] * arena[a += weights[w + 44]])
                    + (packed[from + 12] * arena[a += weights[w + 48]])
                    + (packed[from + 13] * arena[a += weights[w + 52]])
                    + (packed[from + 14] * arena[a += weights[w + 56]])
                    + (packed[from + 15] * arena[a += weights[w + 60]]);
                from += 16;
                w += 16 * Sparse.BlockBytes;
            }

            end += count & 12;
            while (from < end)
            {
                sum = sum + (packed[from] * arena[a += weights[w]])
                    + (packed[from + 1] * arena[a += weights[w + 4]])
                    + (packed[from + 2] * arena[a += weights[w + 8]])
                    + (packed[from + 3] * arena[a += weights[w + 12]]);
                from += 4;
                w += 4 * Sparse.BlockBytes;
            }

            end += count & 3;
            while (from < end)
            {
                sum += packed[from] * arena[a += weights[w]];
                from++;
                w += Sparse.BlockBytes;
            }

            long part = (sum << 43) >> 43;
            accumulators[to] += (int)part;
            if (to + 1 < channels)
            {
                sum = (sum - part) >> 21;
                part = (sum << 43) >> 43;
                accumulators[to + 1] += (int)part;
                if (to + 2 < channels)
                {
                    accumulators[to + 2] += (int)((sum - part) >> 21);
                }
            }
        }
    }
}
