namespace TinyInference;

/// <summary>
/// DEPTHWISE_CONV_2D with encoding 1: 3x3 kernels without dilation, one output channel for each input channel. The nine weights of a channel are in
/// local variables; going along a line of the longer side, each triple of elements across it is read once and adds to the three sums it has a part in.
/// </summary>
internal static class Depthwise3x3
{
    internal static void Validate(Operator op)
    {
        DepthwiseConv2D.Validate(op);
        int[] p = op.Parameters;
        Check.Require(p[0] == 3 && p[1] == 3 && p[4] == 1 && p[5] == 1 && p[12] == 1, BlobError.Parameter, op);
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int channels = x[3];

        // "Along" is the longer side of the output, 1 height or 2 width: there the sums are carried on.
        int along = y[1] > y[2] ? 1 : 2;
        int across = 3 - along;
        int lineX = along == 1 ? channels : x[2] * channels;
        int lineY = along == 1 ? channels : y[2] * channels;
        bool isRelu = p[10] == p[9] && Packed.ShiftsRight(op);
        for (int n = 0; n < x[0]; n++)
        {
            int image = op.Inputs[0].ArenaOffset + (n * x[1] * x[2] * channels);
            int result = op.Outputs[0].ArenaOffset + (n * y[1] * y[2] * channels);
            int first = -p[across + 5];
            for (int line = 0; line < y[across]; line++)
            {
                // All channels of a line, then the next one: the output may take the place of lines that nobody reads any more.
                for (int channel = 0; channel < channels; channel++)
                {
                    RunLine(op, arena, channel, along, image + channel, first, lineX, result + channel, isRelu);
                }

                first += p[across + 1];
                result += lineY;
            }
        }
    }

    /// <summary>One line of output; the kernel's three lines of input begin with line <paramref name="first"/> of the channel that starts at <paramref name="image"/>.</summary>
    private static void RunLine(Operator op, sbyte[] arena, int channel, int along, int image, int first, int lineX, int y, bool isRelu)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] outputs = op.Outputs[0].Dimensions;
        int channels = x[3];
        int lines = x[3 - along];
        int length = x[along];
        int zpX = p[8];
        int stepW = along == 1 ? 3 * channels : channels;
        int lineW = (4 * channels) - stepW;
        byte[] weights = op.Weights;
        int w = op.WeightsStart + channel;
        int a0 = (sbyte)weights[w];
        int a1 = (sbyte)weights[w + stepW];
        int a2 = (sbyte)weights[w + stepW + stepW];
        w += lineW;
        int b0 = (sbyte)weights[w];
        int b1 = (sbyte)weights[w + stepW];
        int b2 = (sbyte)weights[w + stepW + stepW];
        w += lineW;
        int c0 = (sbyte)weights[w];
        int c1 = (sbyte)weights[w + stepW];
        int c2 = (sbyte)weights[w + stepW + stepW];

        // A line outside the input stands for line 0 with weights of 0; what zpX contributes there goes to the bias.
        int bias = op.Biases[channel];
        int a = 0;
        int b = 0;
        int c = 0;
        if (first >= 0 && first < lines)
        {
            a = first * lineX;
        }
        else
        {
            bias += zpX * (a0 + a1 + a2);
            a0 = a1 = a2 = 0;
        }

        first++;
        if (first >= 0 && first < lines)
        {
            b = first * lineX;
        }
        else
        {
            bias += zpX * (b0 + b1 + b2);
            b0 = b1 = b2 = 0;
        }

        first++;
        if (first >= 0 && first < lines)
        {
            c = first * lineX;
        }
        else
        {
            bias += zpX * (c0 + c1 + c2);
            c0 = c1 = c2 = 0;
        }

        // What a place before or behind the line contributes to the sums, as the first, second and third of a window.
        int outside0 = zpX * (a0 + b0 + c0);
        int outside1 = zpX * (a1 + b1 + c1);
        int outside2 = zpX * (a2 + b2 + c2);

        bool single = op.Multipliers.Length == 1;
        int multiplier = op.Multipliers[single ? 0 : channel];
        int shift = op.Shifts[single ? 0 : channel];
        long factor = multiplier;
        int right = isRelu ? 31 - shift : 31;
        long halves = Packed.Halves(right);
        int zpY = p[9];
        int min = p[10];
        int max = p[11];
        int most = max - zpY;
        sbyte zero = (sbyte)zpY;
        sbyte largest = (sbyte)max;

        int stride = p[along + 1];
        int stepX = along == 1 ? x[2] * channels : channels;
        int stepY = along == 1 ? outputs[2] * channels : channels;
        int end = y + (outputs[along] * stepY);
        int place = -p[along + 5];
        int at = image + a + (place * stepX);
        int skip = (stride - 2) * stepX;
        b -= a;
        c -= a;

        // With a stride of 1, sum0 and sum1 are those of the windows whose first and second place came last; otherwise each window starts anew.
        int sum0 = bias;
        int sum1 = 0;
        int wait = stride == 1 ? 2 : 0;
        while (y != end)
        {
            int sum = bias;
            if (stride != 1)
            {
                if ((uint)place < (uint)length)
                {
                    sum += (a0 * arena[at]) + (b0 * arena[at + b]) + (c0 * arena[at + c]);
                }
                else
                {
                    sum += outside0;
                }

                at += stepX;
                place++;
                if ((uint)place < (uint)length)
                {
                    sum += (a1 * arena[at]) + (b1 * arena[at + b]) + (c1 * arena[at + c]);
                }
                else
                {
                    sum += outside1;
                }

                at += stepX;
                place++;
                if ((uint)place < (uint)length)
                {
                    sum += (a2 * arena[at]) + (b2 * arena[at + b]) + (c2 * arena[at + c]);
                }
                else
                {
                    sum += outside2;
                }

                at += skip;
                place += stride - 2;
            }
            else
            {
                if ((uint)place < (uint)length)
                {
                    int xa = arena[at];
                    int xb = arena[at + b];
                    int xc = arena[at + c];
                    sum = sum1 + (a2 * xa) + (b2 * xb) + (c2 * xc);
                    sum1 = sum0 + (a1 * xa) + (b1 * xb) + (c1 * xc);
                    sum0 = bias + (a0 * xa) + (b0 * xb) + (c0 * xc);
                }
                else
                {
                    sum = sum1 + outside2;
                    sum1 = sum0 + outside1;
                    sum0 = bias + outside0;
                }

                at += stepX;
                place++;
                if (wait != 0)
                {
                    wait--;
                    continue;
                }
            }

            if (!isRelu)
            {
                int result = Requantize.Apply(sum, multiplier, shift) + zpY;
                arena[y] = (sbyte)(result < min ? min : result > max ? max : result);
            }
            else if (sum <= 0)
            {
                arena[y] = zero;
            }
            else
            {
                int result = (int)(((sum * factor) + halves) >> right);
                arena[y] = result > most ? largest : (sbyte)(result + zpY);
            }

            y += stepY;
        }
    }
}
