namespace TinyInference;

/// <summary>RESIZE_NEAREST: the converter has chosen the source row and column of every output row and column.</summary>
internal static class ResizeNearest
{
    internal static void Validate(Operator op)
    {
        Check.Images(op);
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        Check.Require(x[3] == y[3], BlobError.Shape, op);
        Check.Counts(op, 0, y[1] + y[2], 0);
        Check.Quantization(op, 0);
        for (int i = 0; i < op.Biases.Length; i++)
        {
            int source = op.Biases[i];
            Check.Require(source >= 0 && source < (i < y[1] ? x[1] : x[2]), BlobError.Parameter, op);
        }
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] sources = op.Biases;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int height = y[1];
        int columnsEnd = height + y[2];
        int channels = y[3];
        int rowBytes = x[2] * channels;
        int image = op.Inputs[0].ArenaOffset;
        int result = op.Outputs[0].ArenaOffset;
        for (int n = 0; n < x[0]; n++, image += x[1] * rowBytes)
        {
            for (int oy = 0; oy < height; oy++)
            {
                int row = image + (sources[oy] * rowBytes);
                for (int i = height; i < columnsEnd; i++, result += channels)
                {
                    ArenaBytes.Copy(arena, row + (sources[i] * channels), result, channels);
                }
            }
        }
    }
}
