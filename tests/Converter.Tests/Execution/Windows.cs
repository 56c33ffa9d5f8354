using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

/// <summary>Windows over images, one element at a time, for plain references.</summary>
internal static class Windows
{
    /// <summary>A window that fits images of 4x4 and more.</summary>
    public static Window Random(Random random)
    {
        int kernelH = random.Next(1, 4);
        int kernelW = random.Next(1, 4);
        return new Window(
            kernelH, kernelW, random.Next(1, 4), random.Next(1, 4), kernelH < 3 ? random.Next(1, 4) : 1, kernelW < 3 ? random.Next(1, 4) : 1,
            random.Next(kernelH), random.Next(kernelH), random.Next(kernelW), random.Next(kernelW));
    }

    public static int Offset(Shape shape, int n, int h, int w, int c) => (((((n * shape[1]) + h) * shape[2]) + w) * shape[3]) + c;

    /// <summary>Calls <paramref name="action"/> (n, h, w, c, offset) for each element of an NHWC tensor.</summary>
    public static void ForEachElement(Shape shape, Action<int, int, int, int, int> action)
    {
        for (int i = 0; i < shape.ElementCount; i++)
        {
            action(i / (shape[1] * shape[2] * shape[3]), i / (shape[2] * shape[3]) % shape[1], i / shape[3] % shape[2], i % shape[3], i);
        }
    }

    /// <summary>Calls <paramref name="action"/> (h, w, tap) for each element of the image that the window at an output pixel covers.</summary>
    public static void ForEachTap(Window window, Shape image, int outputH, int outputW, Action<int, int, int> action)
    {
        for (int kh = 0; kh < window.KernelH; kh++)
        {
            for (int kw = 0; kw < window.KernelW; kw++)
            {
                int h = (outputH * window.StrideH) - window.PadTop + (kh * window.DilationH);
                int w = (outputW * window.StrideW) - window.PadLeft + (kw * window.DilationW);
                if (h >= 0 && h < image[1] && w >= 0 && w < image[2])
                {
                    action(h, w, (kh * window.KernelW) + kw);
                }
            }
        }
    }
}
