using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>The windows of one image [H,W,C] as rows of a matrix [OH*OW, KH*KW*C] (im2col), and back.</summary>
internal static class Windows
{
    /// <summary>Copies every window of <paramref name="image"/> into a row of <paramref name="columns"/>; outside the image is 0.</summary>
    public static void Gather(ReadOnlySpan<float> image, Shape input, Shape output, in Window window, Span<float> columns)
    {
        int height = input[1], width = input[2], channels = input[3];
        int row = 0;
        for (int oh = 0; oh < output[1]; oh++)
        {
            for (int ow = 0; ow < output[2]; ow++)
            {
                for (int kh = 0; kh < window.KernelH; kh++)
                {
                    int h = (oh * window.StrideH) - window.PadTop + (kh * window.DilationH);
                    for (int kw = 0; kw < window.KernelW; kw++, row += channels)
                    {
                        int w = (ow * window.StrideW) - window.PadLeft + (kw * window.DilationW);
                        Span<float> target = columns.Slice(row, channels);
                        if ((uint)h < (uint)height && (uint)w < (uint)width)
                        {
                            image.Slice(((h * width) + w) * channels, channels).CopyTo(target);
                        }
                        else
                        {
                            target.Clear();
                        }
                    }
                }
            }
        }
    }

    /// <summary>Adds every row of <paramref name="columns"/> to the window of <paramref name="image"/> that it came from.</summary>
    public static void ScatterAdd(ReadOnlySpan<float> columns, Span<float> image, Shape input, Shape output, in Window window)
    {
        int height = input[1], width = input[2], channels = input[3];
        int row = 0;
        for (int oh = 0; oh < output[1]; oh++)
        {
            for (int ow = 0; ow < output[2]; ow++)
            {
                for (int kh = 0; kh < window.KernelH; kh++)
                {
                    int h = (oh * window.StrideH) - window.PadTop + (kh * window.DilationH);
                    for (int kw = 0; kw < window.KernelW; kw++, row += channels)
                    {
                        int w = (ow * window.StrideW) - window.PadLeft + (kw * window.DilationW);
                        if ((uint)h < (uint)height && (uint)w < (uint)width)
                        {
                            Span<float> target = image.Slice(((h * width) + w) * channels, channels);
                            TensorPrimitives.Add(target, columns.Slice(row, channels), target);
                        }
                    }
                }
            }
        }
    }
}
