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
        int outputHeight = output[1], outputWidth = output[2];
        int line = window.KernelW * channels;
        int row = 0;
        for (int oh = 0; oh < outputHeight; oh++)
        {
            for (int ow = 0; ow < outputWidth; ow++)
            {
                int left = (ow * window.StrideW) - window.PadLeft;
                bool whole = left >= 0 && left + window.KernelW <= width && window.DilationW == 1;
                for (int kh = 0; kh < window.KernelH; kh++, row += line)
                {
                    int h = (oh * window.StrideH) - window.PadTop + (kh * window.DilationH);
                    Span<float> target = columns.Slice(row, line);
                    if ((uint)h >= (uint)height)
                    {
                        target.Clear();
                        continue;
                    }

                    if (whole)
                    {
                        image.Slice(((h * width) + left) * channels, line).CopyTo(target);
                        continue;
                    }

                    for (int kw = 0; kw < window.KernelW; kw++)
                    {
                        int w = left + (kw * window.DilationW);
                        Span<float> pixel = target.Slice(kw * channels, channels);
                        if ((uint)w < (uint)width)
                        {
                            image.Slice(((h * width) + w) * channels, channels).CopyTo(pixel);
                        }
                        else
                        {
                            pixel.Clear();
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
        int outputHeight = output[1], outputWidth = output[2];
        int line = window.KernelW * channels;
        int row = 0;
        for (int oh = 0; oh < outputHeight; oh++)
        {
            for (int ow = 0; ow < outputWidth; ow++)
            {
                int left = (ow * window.StrideW) - window.PadLeft;
                bool whole = left >= 0 && left + window.KernelW <= width && window.DilationW == 1;
                for (int kh = 0; kh < window.KernelH; kh++, row += line)
                {
                    int h = (oh * window.StrideH) - window.PadTop + (kh * window.DilationH);
                    if ((uint)h >= (uint)height)
                    {
                        continue;
                    }

                    ReadOnlySpan<float> source = columns.Slice(row, line);
                    if (whole)
                    {
                        Span<float> target = image.Slice(((h * width) + left) * channels, line);
                        TensorPrimitives.Add(target, source, target);
                        continue;
                    }

                    for (int kw = 0; kw < window.KernelW; kw++)
                    {
                        int w = left + (kw * window.DilationW);
                        if ((uint)w < (uint)width)
                        {
                            Span<float> target = image.Slice(((h * width) + w) * channels, channels);
                            TensorPrimitives.Add(target, source.Slice(kw * channels, channels), target);
                        }
                    }
                }
            }
        }
    }
}
