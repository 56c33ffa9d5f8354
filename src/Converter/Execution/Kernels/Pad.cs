namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>Pad on any element type; negative amounts crop.</summary>
internal static class PadKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        var pad = (Pad)node.Operator;
        Shape input = node.Input(0).Shape;
        Check.SameType(node);
        Check.That(node, pad.Before.Length == input.Rank && pad.After.Length == input.Rank, $"{pad.Before.Length} amounts for input {input}");
        Check.Output(node, [.. Enumerable.Range(0, input.Rank).Select(d => input[d] + pad.Before[d] + pad.After[d])]);
        int[] strides = input.Strides();
        var map = new IndexMap(node.Output.Shape, (d, i) => Source(pad.Mode, i - pad.Before[d], input[d]) is var source && source < 0 ? IndexMap.Outside : source * strides[d]);
        return (inputs, output) =>
        {
            if (pad.Mode == PadMode.Constant)
            {
                CastKernel.Fill(output, pad.Value);
            }

            map.Copy(inputs[0]!.Data, output.Data);
        };
    }

    /// <summary>The index that is read where <paramref name="index"/> lies outside 0 to <paramref name="extent"/> - 1; -1 for none.</summary>
    private static int Source(PadMode mode, int index, int extent)
    {
        if (index >= 0 && index < extent)
        {
            return index;
        }

        if (mode == PadMode.Constant || extent == 0)
        {
            return -1;
        }

        if (mode == PadMode.Edge || (mode == PadMode.Reflect && extent == 1))
        {
            return Math.Clamp(index, 0, extent - 1);
        }

        // Reflection without the edge repeats after 2 * extent - 2 elements, with it after 2 * extent.
        int edge = mode == PadMode.Symmetric ? 1 : 0;
        int period = (2 * extent) - 2 + (2 * edge);
        int phase = ((index % period) + period) % period;
        return phase < extent ? phase : period - edge - phase;
    }
}
