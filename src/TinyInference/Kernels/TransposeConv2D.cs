namespace TinyInference;

/// <summary>TRANSPOSE_CONV_2D, gathered: each output element takes the input elements whose kernels cover it.</summary>
internal static class TransposeConv2D
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Images(op);
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        Check.Convolution(op, 13, x);
        int groupInputs = Check.Groups(op, x[3], p[12]);
        Check.Groups(op, y[3], p[12]);
        long window = Check.Times(op, Check.Times(op, p[0], p[1]), groupInputs);
        Check.Times(op, window, op.Outputs[0].ElementCount);
        Check.Counts(op, 13, y[3], window * y[3]);
        Check.Quantization(op, y[3]);
        Check.Scratch(op, header, y[3]);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int outputHeight = y[1];
        int outputWidth = y[2];
        int padTop = p[6];
        int padLeft = p[7];
        int groups = p[12];
        int groupInputs = x[3] / groups;
        int groupOutputs = y[3] / groups;
        int image = op.Inputs[0].ArenaOffset;
        int imageBytes = x[1] * x[2] * x[3];
        int result = op.Outputs[0].ArenaOffset;
        for (int n = 0; n < x[0]; n++)
        {
            for (int oy = 0; oy < outputHeight; oy++)
            {
                for (int ox = 0; ox < outputWidth; ox++)
                {
                    for (int group = 0; group < groups; group++)
                    {
                        int first = group * groupOutputs;
                        int last = first + groupOutputs;
                        while (first < last)
                        {
                            int count = last - first < Requantize.Chunk ? last - first : Requantize.Chunk;
                            Accumulate(op, arena, scratch32, image + (group * groupInputs), oy + padTop, ox + padLeft, first, count);
                            Requantize.Store(scratch32, 0, count, op, first, arena, result, p[9], p[10], p[11]);
                            first += count;
                            result += count;
                        }
                    }
                }
            }

            image += imageBytes;
        }
    }

    /// <summary>
    /// Output channels <paramref name="first"/> on, where kernel element (ky, kx) meets input row
    /// (<paramref name="top"/> - ky * dilationH) / strideH and column (<paramref name="left"/> - kx * dilationW) / strideW, if there is one.
    /// </summary>
    private static void Accumulate(Operator op, sbyte[] arena, int[] accumulators, int start, int top, int left, int first, int count)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int height = x[1];
        int width = x[2];
        int channels = x[3];
        int kernelH = p[0];
        int kernelW = p[1];
        int strideH = p[2];
        int strideW = p[3];
        int dilationH = p[4];
        int dilationW = p[5];
        int zpX = p[8];
        int groupInputs = channels / p[12];
        int window = kernelH * kernelW * groupInputs;
        byte[] weights = op.Weights;
        int weightsStart = op.WeightsStart + (first * window);
        int[] biases = op.Biases;
        for (int i = 0; i < count; i++)
        {
            accumulators[i] = biases[first + i];
        }

        for (int ky = 0; ky < kernelH; ky++, top -= dilationH)
        {
            int row = top / strideH;
            if (top < 0 || row >= height || row * strideH != top)
            {
                continue;
            }

            for (int kx = 0, at = left; kx < kernelW; kx++, at -= dilationW)
            {
                int column = at / strideW;
                if (at < 0 || column >= width || column * strideW != at)
                {
                    continue;
                }

                int from = start + (((row * width) + column) * channels);
                int end = from + groupInputs;
                int run = weightsStart + (((ky * kernelW) + kx) * groupInputs);
                for (int i = 0; i < count; i++, run += window)
                {
                    int sum = accumulators[i];
                    int w = run;
                    for (int a = from; a < end; a++, w++)
                    {
                        sum += (sbyte)weights[w] * (arena[a] - zpX);
                    }

                    accumulators[i] = sum;
                }
            }
        }
    }
}
