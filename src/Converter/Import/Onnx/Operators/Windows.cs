namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>The window attributes that convolutions and pooling share.</summary>
internal static class Windows
{
    /// <summary>The window, and how far ceil_mode lets it reach beyond the padded input (bottom, right).</summary>
    public readonly record struct Result(Window Window, int CeilBottom, int CeilRight)
    {
        /// <summary>The window with what ceil_mode adds as padding.</summary>
        public Window WithCeil => Window with { PadBottom = Window.PadBottom + CeilBottom, PadRight = Window.PadRight + CeilRight };
    }

    /// <summary>How a window moves along one dimension; <paramref name="Ceil"/> is what ceil_mode adds at the end.</summary>
    private readonly record struct Axis(int Kernel, int Stride, int Dilation, int Before, int After, int Ceil)
    {
        /// <summary>Along a dimension that a window does not move in.</summary>
        public static readonly Axis Still = new(1, 1, 1, 0, 0, 0);
    }

    /// <param name="x">The input's shape in the file: N, C, then one or two spatial dimensions.</param>
    /// <param name="kernel">The kernel's extent in each of these.</param>
    public static Result Read(OnnxNode node, Shape x, int[] kernel)
    {
        Axis[] axes = ReadAxes(node, x, kernel);
        return axes.Length == 1 ? Join(Axis.Still, axes[0]) : Join(axes[0], axes[1]);
    }

    /// <summary>A window over depth, height and width as two: one over height and width, one over the depth alone (as height).</summary>
    public static (Result Plane, Result Depth) Read3D(OnnxNode node, Shape x, int[] kernel)
    {
        Axis[] axes = ReadAxes(node, x, kernel);
        return (Join(axes[1], axes[2]), Join(axes[0], Axis.Still));
    }

    private static Result Join(Axis h, Axis w) => new(
        new Window(h.Kernel, w.Kernel, h.Stride, w.Stride, h.Dilation, w.Dilation, h.Before, h.After, w.Before, w.After), h.Ceil, w.Ceil);

    private static Axis[] ReadAxes(OnnxNode node, Shape x, int[] kernel)
    {
        int dims = kernel.Length;
        int[] strides = node.SmallInts("strides", dims, 1) ?? Ones(dims);
        int[] dilations = node.SmallInts("dilations", dims, 1) ?? Ones(dims);
        int[] pads = node.SmallInts("pads", 2 * dims, 0) ?? new int[2 * dims];
        string auto = node.Text("auto_pad", "NOTSET");
        var axes = new Axis[dims];
        for (int i = 0; i < dims; i++)
        {
            long extent = x[i + 2];
            long reach = ((kernel[i] - 1L) * dilations[i]) + 1;
            int ceil = 0;
            switch (auto)
            {
                case "SAME_UPPER" or "SAME_LOWER":
                    long outputs = (extent + strides[i] - 1) / strides[i];
                    int total = (int)Math.Clamp(((outputs - 1) * strides[i]) + reach - extent, 0, int.MaxValue);
                    pads[i] = auto == "SAME_UPPER" ? total / 2 : total - (total / 2);
                    pads[i + dims] = total - pads[i];
                    break;
                case "VALID":
                    pads[i] = pads[i + dims] = 0;
                    break;
                case "NOTSET":
                    ceil = node.Flag("ceil_mode") ? CeilPadding(extent, reach, strides[i], pads[i], pads[i + dims]) : 0;
                    break;
                default:
                    throw node.Fault($"auto_pad '{auto}' is not known");
            }

            if (reach > extent + pads[i] + pads[i + dims] + ceil || reach > int.MaxValue)
            {
                throw node.Fault($"its kernel reaches over {reach} elements, the padded input {x} has fewer");
            }

            axes[i] = new Axis(kernel[i], strides[i], dilations[i], pads[i], pads[i + dims], ceil);
        }

        return axes;
    }

    /// <summary>How many spatial dimensions <paramref name="x"/> has: 1 or 2.</summary>
    public static int SpatialRank(OnnxNode node, Shape x) => x.Rank is 3 or 4 ? x.Rank - 2
        : throw node.Unsupported($"its input has the shape {x}; only one and two spatial dimensions are supported");

    public static int[] Ones(int count)
    {
        var ones = new int[count];
        Array.Fill(ones, 1);
        return ones;
    }

    private static int CeilPadding(long extent, long reach, int stride, int before, int after)
    {
        long room = extent + before + after - reach;
        if (room < 0)
        {
            return 0;
        }

        long last = (room + stride - 1) / stride;
        // A window that would start in the padding at the end is left out.
        if (last * stride >= extent + before)
        {
            last--;
        }

        return (int)Math.Max(0, (last * stride) - room);
    }
}
