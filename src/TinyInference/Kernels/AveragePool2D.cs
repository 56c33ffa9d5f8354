namespace TinyInference;

/// <summary>AVERAGE_POOL_2D: the mean of what of the window is inside the input, half away from zero.</summary>
internal static class AveragePool2D
{
    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int height = x[1];
        int width = x[2];
        int channels = x[3];
        int outputHeight = y[1];
        int outputWidth = y[2];
        int kernelH = p[0];
        int kernelW = p[1];
        int strideH = p[2];
        int strideW = p[3];
        int padTop = p[4];
        int padLeft = p[5];
        int min = p[6];
        int max = p[7];
        int rowBytes = width * channels;
        int image = op.Inputs[0].ArenaOffset;
        int target = op.Outputs[0].ArenaOffset;
        for (int n = 0; n < x[0]; n++)
        {
            for (int oy = 0; oy < outputHeight; oy++)
            {
                int rowStart = (oy * strideH) - padTop;
                int rowEnd = rowStart + kernelH < height ? rowStart + kernelH : height;
                rowStart = rowStart > 0 ? rowStart : 0;
                for (int ox = 0; ox < outputWidth; ox++)
                {
                    int columnStart = (ox * strideW) - padLeft;
                    int columnEnd = columnStart + kernelW < width ? columnStart + kernelW : width;
                    columnStart = columnStart > 0 ? columnStart : 0;
                    int elements = (rowEnd - rowStart) * (columnEnd - columnStart);
                    int run = image + (rowStart * rowBytes) + (columnStart * channels);
                    int runBytes = (columnEnd - columnStart) * channels;
                    for (int c = 0; c < channels; c++)
                    {
                        int sum = 0;
                        int first = run + c;
                        for (int row = rowStart; row < rowEnd; row++, first += rowBytes)
                        {
                            int end = first + runBytes;
                            for (int a = first; a < end; a += channels)
                            {
                                sum += arena[a];
                            }
                        }

                        int half = elements / 2;
                        int result = (sum > 0 ? sum + half : sum - half) / elements;
                        arena[target] = (sbyte)(result < min ? min : result > max ? max : result);
                        target++;
                    }
                }
            }

            image += height * rowBytes;
        }
    }
}
