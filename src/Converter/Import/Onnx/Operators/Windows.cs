namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>The window attributes that convolutions and pooling share, for one or two spatial dimensions.</summary>
internal static class Windows
{
    /// <summary>The window, and how far ceil_mode lets it reach beyond the padded input (bottom, right).</summary>
    public readonly record struct Result(Window Window, int CeilBottom, int CeilRight)
    {
        /// <summary>The window with what ceil_mode adds as padding.</summary>
        public Window WithCeil => Window with { PadBottom = Window.PadBottom + CeilBottom, PadRight = Window.PadRight + CeilRight };
    }

    /// <param name="x">The input's shape in the file: N, C, then spatial dimensions.</param>
    /// <param name="kernel">The kernel's extent in each of these.</param>
    public static Result Read(OnnxNode node, Shape x, int[] kernel)
    {
        int dims = kernel.Length;
        int[] strides = node.SmallInts("strides", dims, 1) ?? Ones(dims);
        int[] dilations = node.SmallInts("dilations", dims, 1) ?? Ones(dims);
        int[] pads = node.SmallInts("pads", 2 * dims, 0) ?? new int[2 * dims];
        string auto = node.Text("auto_pad", "NOTSET");
        var ceil = new int[dims];
        for (int i = 0; i < dims; i++)
        {
            long extent = x[i + 2];
            long reach = ((kernel[i] - 1L) * dilations[i]) + 1;
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
                    ceil[i] = node.Flag("ceil_mode") ? CeilPadding(extent, reach, strides[i], pads[i], pads[i + dims]) : 0;
                    break;
                default:
                    throw node.Fault($"auto_pad '{auto}' is not known");
            }

            if (reach > extent + pads[i] + pads[i + dims] + ceil[i] || reach > int.MaxValue)
            {
                throw node.Fault($"its kernel reaches over {reach} elements, the padded input {x} has fewer");
            }
        }

        Window window = dims == 1
            ? new Window(1, kernel[0], 1, strides[0], 1, dilations[0], 0, 0, pads[0], pads[1])
            : new Window(kernel[0], kernel[1], strides[0], strides[1], dilations[0], dilations[1], pads[0], pads[2], pads[1], pads[3]);
        return new Result(window, dims == 1 ? 0 : ceil[0], ceil[^1]);
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
