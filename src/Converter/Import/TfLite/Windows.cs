namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>Kernels, strides and paddings of convolutions and pooling.</summary>
internal static class Windows
{
    private const int Same = 0;
    private const int Valid = 1;

    /// <summary>Bounds each of kernel, stride and dilation, so that no product of two overflows.</summary>
    private const int Largest = 1 << 15;

    /// <summary>
    /// The window with TensorFlow's padding made explicit: with SAME the output has ceil(size / stride) positions, and what
    /// must be added is split evenly, the odd one after.
    /// </summary>
    public static Window Resolve(OperatorImport op, Shape x, int padding, Window window)
    {
        if (op.Entry.Dilated is { } given)
        {
            window = given with { KernelH = window.KernelH, KernelW = window.KernelW };
            padding = Valid;
        }

        foreach (int extent in (ReadOnlySpan<int>)[window.KernelH, window.KernelW, window.StrideH, window.StrideW, window.DilationH, window.DilationW])
        {
            if (extent is < 1 or > Largest)
            {
                throw op.Malformed($"has a kernel, stride or dilation of {extent}");
            }
        }

        if (padding == Valid)
        {
            return window;
        }

        if (padding != Same)
        {
            throw op.Malformed($"has the padding {padding}");
        }

        int vertical = SamePadding(x[1], window.KernelH, window.StrideH, window.DilationH);
        int horizontal = SamePadding(x[2], window.KernelW, window.StrideW, window.DilationW);
        return window with
        {
            PadTop = vertical / 2,
            PadBottom = vertical - (vertical / 2),
            PadLeft = horizontal / 2,
            PadRight = horizontal - (horizontal / 2),
        };
    }

    /// <summary>What the window makes of <paramref name="x"/> [N,H,W,C].</summary>
    public static Shape OutputShape(OperatorImport op, Shape x, Window window, int channels)
    {
        if ((long)x[1] + window.PadTop + window.PadBottom > int.MaxValue || (long)x[2] + window.PadLeft + window.PadRight > int.MaxValue
            || ((window.KernelH - 1) * window.DilationH) + 1 > x[1] + window.PadTop + window.PadBottom
            || ((window.KernelW - 1) * window.DilationW) + 1 > x[2] + window.PadLeft + window.PadRight)
        {
            throw op.Malformed($"has a kernel of {window.KernelH}x{window.KernelW} that does not fit into the input {x}");
        }

        return op.MakeShape(x[0], window.OutputHeight(x[1]), window.OutputWidth(x[2]), channels);
    }

    private static int SamePadding(int size, int kernel, int stride, int dilation)
    {
        long positions = ((long)size + stride - 1) / stride;
        return (int)Math.Max(0, ((positions - 1) * stride) + ((kernel - 1) * dilation) + 1 - size);
    }
}
