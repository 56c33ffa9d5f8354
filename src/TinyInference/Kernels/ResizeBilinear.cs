namespace TinyInference;

/// <summary>RESIZE_BILINEAR: four neighbours, their weights in Q10 chosen by the converter.</summary>
internal static class ResizeBilinear
{
    private const int One = 1 << 10;

    internal static void Validate(Operator op)
    {
        Check.Images(op);
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        Check.Require(x[3] == y[3], BlobError.Shape, op);
        Check.Counts(op, 0, 3 * (y[1] + y[2]), 0);
        Check.Quantization(op, 0);
        int[] sources = op.Biases;
        for (int i = 0; i < sources.Length; i += 3)
        {
            int extent = i < 3 * y[1] ? x[1] : x[2];
            Check.Require(
                sources[i] >= 0 && sources[i] < extent && sources[i + 1] >= 0 && sources[i + 1] < extent
                && sources[i + 2] >= -One && sources[i + 2] <= 2 * One,
                BlobError.Parameter,
                op);
        }
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] sources = op.Biases;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int columnsStart = 3 * y[1];
        int channels = y[3];
        int rowBytes = x[2] * channels;
        int image = op.Inputs[0].ArenaOffset;
        int result = op.Outputs[0].ArenaOffset;
        for (int n = 0; n < x[0]; n++, image += x[1] * rowBytes)
        {
            for (int r = 0; r < columnsStart; r += 3)
            {
                int row0 = image + (sources[r] * rowBytes);
                int row1 = image + (sources[r + 1] * rowBytes);
                int lower = sources[r + 2];
                for (int c = columnsStart; c < sources.Length; c += 3)
                {
                    int a = row0 + (sources[c] * channels);
                    int b = row0 + (sources[c + 1] * channels);
                    int below = row1 - row0;
                    int right = sources[c + 2];

                    // The four weights, in Q20.
                    int weightA = (One - lower) * (One - right);
                    int weightB = (One - lower) * right;
                    int weightC = lower * (One - right);
                    int weightD = lower * right;
                    for (int end = a + channels; a < end; a++, b++, result++)
                    {
                        int sum = (arena[a] * weightA) + (arena[b] * weightB) + (arena[a + below] * weightC) + (arena[b + below] * weightD);
                        arena[result] = (sbyte)((sum > 0 ? sum + (One * One / 2) : sum - (One * One / 2)) / (One * One));
                    }
                }
            }
        }
    }
}
