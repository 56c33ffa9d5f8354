namespace TinyInference;

/// <summary>DEPTHWISE_CONV_2D: output channel c * m + j sees input channel c only.</summary>
internal static class DepthwiseConv2D
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        Validate(op);
        Check.Scratch(op, header, op.Outputs[0].Dimensions[3]);
    }

    /// <summary>What holds in every encoding.</summary>
    internal static void Validate(Operator op)
    {
        Check.Images(op);
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        Check.Convolution(op, 13, y);
        Check.Require(Check.Times(op, x[3], p[12]) == y[3], BlobError.Shape, op);
        long window = Check.Times(op, p[0], p[1]);
        Check.Times(op, window, op.Outputs[0].ElementCount);
        Check.Counts(op, 13, y[3], window * y[3]);
        Check.Quantization(op, y[3]);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int outputHeight = y[1];
        int outputWidth = y[2];
        int outputChannels = y[3];
        int strideH = p[2];
        int strideW = p[3];
        int padTop = p[6];
        int padLeft = p[7];
        int zpY = p[9];
        int min = p[10];
        int max = p[11];
        int image = op.Inputs[0].ArenaOffset;
        int imageBytes = x[1] * x[2] * x[3];
        int result = op.Outputs[0].ArenaOffset;
        for (int n = 0; n < x[0]; n++)
        {
            for (int oy = 0; oy < outputHeight; oy++)
            {
                int row = (oy * strideH) - padTop;
                for (int ox = 0; ox < outputWidth; ox++)
                {
                    int column = (ox * strideW) - padLeft;
                    for (int first = 0; first < outputChannels; first += Requantize.Chunk)
                    {
                        int count = outputChannels - first;
                        if (count > Requantize.Chunk)
                        {
                            count = Requantize.Chunk;
                        }

                        Accumulate(op, arena, scratch32, image, row, column, first, count);
                        Requantize.Store(scratch32, 0, count, op, first, arena, result, zpY, min, max);
                        result += count;
                    }
                }
            }

            image += imageBytes;
        }
    }

    /// <summary>The window at (<paramref name="row"/>, <paramref name="column"/>) for <paramref name="count"/> output channels; zpX stands for what is outside.</summary>
    private static void Accumulate(Operator op, sbyte[] arena, int[] accumulators, int image, int row, int column, int first, int count)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int height = x[1];
        int width = x[2];
        int channels = x[3];
        int kernelH = p[0];
        int kernelW = p[1];
        int dilationH = p[4];
        int dilationW = p[5];
        int zpX = p[8];
        int multiplier = p[12];
        int outputChannels = channels * multiplier;
        byte[] weights = op.Weights;
        int[] biases = op.Biases;

        // Columns of the kernel from leftEnd to rightStart - 1 are inside the input.
        int leftEnd = column >= 0 ? 0 : (-column + dilationW - 1) / dilationW;
        int rightStart = column >= width ? 0 : (width - column + dilationW - 1) / dilationW;
        if (leftEnd > kernelW)
        {
            leftEnd = kernelW;
        }

        if (rightStart > kernelW)
        {
            rightStart = kernelW;
        }

        int stepX = dilationW * channels;
        int stepY = dilationH * width * channels;
        int rowStart = image + (((row * width) + column + (leftEnd * dilationW)) * channels);
        int channel = first / multiplier;
        int j = first - (channel * multiplier);
        for (int i = 0; i < count; i++)
        {
            int sum = biases[first + i];
            int w = op.WeightsStart + first + i;
            int run = rowStart + channel;
            int at = row;
            for (int ky = 0; ky < kernelH; ky++)
            {
                int kx = 0;
                if (at >= 0 && at < height)
                {
                    for (; kx < leftEnd; kx++, w += outputChannels)
                    {
                        sum += (sbyte)weights[w] * zpX;
                    }

                    for (int a = run; kx < rightStart; kx++, w += outputChannels, a += stepX)
                    {
                        sum += (sbyte)weights[w] * arena[a];
                    }
                }

                for (; kx < kernelW; kx++, w += outputChannels)
                {
                    sum += (sbyte)weights[w] * zpX;
                }

                at += dilationH;
                run += stepY;
            }

            accumulators[i] = sum;
            j++;
            if (j == multiplier)
            {
                j = 0;
                channel++;
            }
        }
    }
}
