namespace TinyInference;

/// <summary>DYNAMIC_AVERAGE_POOL_2D: the mean of each window, all inside the input, between activations of dynamic scale.</summary>
internal static class DynamicAveragePool2D
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Int8(op, 3, 1);
        DynamicScale.CheckExponent(op, 1);
        DynamicScale.CheckExponent(op, 2);
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int count = op.Outputs[0].ElementCount;
        Check.Require(x.Length == 4 && y.Length == 4 && x[0] == y[0] && x[3] == y[3], BlobError.Shape, op);
        Check.Counts(op, 10, 0, 0);
        Check.Quantization(op, 0);
        Check.Window(op, y[1], p[0], p[2], 1, 0);
        Check.Window(op, y[2], p[1], p[3], 1, 0);
        Check.Require(((y[1] - 1) * p[2]) + p[0] <= x[1] && ((y[2] - 1) * p[3]) + p[1] <= x[2], BlobError.Parameter, op);
        Check.Times(op, Check.Times(op, p[0], p[1]), count);
        Check.ZeroPoint(op, 4);
        Check.ZeroPoint(op, 5);
        Check.Multiplier(op, p[6], p[7], 30 - DynamicScale.MostExponent);
        DynamicScale.CheckBounds(op, 8);
        Check.Require(header.Scratch32 >= count, BlobError.Parameter, op);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int channels = x[3];
        int rowBytes = x[2] * channels;
        int zpX = p[4] * p[0] * p[1];
        int shift = p[7] + DynamicScale.Exponent(arena, op.Inputs[1]);
        int image = op.Inputs[0].ArenaOffset;
        int to = 0;
        for (int n = 0; n < x[0]; n++, image += x[1] * rowBytes)
        {
            for (int oy = 0; oy < y[1]; oy++)
            {
                for (int ox = 0; ox < y[2]; ox++)
                {
                    int first = image + (oy * p[2] * rowBytes) + (ox * p[3] * channels);
                    for (int c = 0; c < channels; c++)
                    {
                        int sum = -zpX;
                        for (int ky = 0; ky < p[0]; ky++)
                        {
                            int at = first + (ky * rowBytes) + c;
                            for (int kx = 0; kx < p[1]; kx++, at += channels)
                            {
                                sum += arena[at];
                            }
                        }

                        scratch32[to] = DynamicScale.Scale(sum, p[6], shift);
                        to++;
                    }
                }
            }
        }

        DynamicScale.Store(scratch32, to, p[8], p[9], arena, op.Outputs[0], op.Inputs[2], p[5]);
    }
}
