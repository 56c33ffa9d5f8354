namespace TinyInference;

/// <summary>DYNAMIC_CONV_2D: as CONV_2D, between activations of dynamic scale. A depthwise convolution is one with as many groups as channels.</summary>
internal static class DynamicConv2D
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Int8(op, 3, 1);
        DynamicScale.CheckExponent(op, 1);
        DynamicScale.CheckExponent(op, 2);
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        Check.Require(x.Length == 4 && y.Length == 4 && x[0] == y[0], BlobError.Shape, op);
        Check.Require(p.Length == 14, BlobError.Parameter, op);
        Check.Window(op, y[1], p[0], p[2], p[4], p[6]);
        Check.Window(op, y[2], p[1], p[3], p[5], p[7]);
        Check.ZeroPoint(op, 8);
        Check.ZeroPoint(op, 9);
        DynamicScale.CheckBounds(op, 10);
        int groupInputs = Check.Groups(op, x[3], p[12]);
        Check.Groups(op, y[3], p[12]);
        long window = Check.Times(op, Check.Times(op, p[0], p[1]), groupInputs);
        Check.Times(op, window, op.Outputs[0].ElementCount);
        Check.Counts(op, 14, 2 * y[3], window * y[3]);
        Check.Require(p[13] >= 0 && window <= header.ArenaBytes - p[13], BlobError.Parameter, op);
        DynamicDotProducts.Validate(op, header, y[3], op.Outputs[0].ElementCount);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int groups = p[12];
        int patch = p[13];
        int groupInputs = x[3] / groups;
        int groupOutputs = y[3] / groups;
        int window = p[0] * p[1] * groupInputs;
        int exponent = DynamicScale.Exponent(arena, op.Inputs[1]);
        int image = op.Inputs[0].ArenaOffset;
        int to = 0;
        for (int n = 0; n < x[0]; n++)
        {
            for (int oy = 0; oy < y[1]; oy++)
            {
                for (int ox = 0; ox < y[2]; ox++)
                {
                    for (int group = 0; group < groups; group++)
                    {
                        Conv2D.Gather(op, arena, image + (group * groupInputs), (oy * p[2]) - p[6], (ox * p[3]) - p[7], patch);
                        DynamicDotProducts.Collect(op, arena, scratch32, patch, window, group * groupOutputs, groupOutputs, to, exponent);
                        to += groupOutputs;
                    }
                }
            }

            image += x[1] * x[2] * x[3];
        }

        DynamicScale.Store(scratch32, to, p[10], p[11], arena, op.Outputs[0], op.Inputs[2], p[9]);
    }
}
