namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>Cast between any two element types: reals are truncated and saturated (NaN to 0), integers wrap around, all but 0 is true.</summary>
internal static class CastKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        Check.Output(node, node.Input(0).Shape.AsSpan());
        return static (inputs, output) =>
        {
            if (inputs[0]!.Type == output.Type)
            {
                Array.Copy(inputs[0]!.Data, output.Data, output.Data.Length);
            }
            else if (inputs[0]!.Data is float[] reals)
            {
                Convert(reals, output);
            }
            else
            {
                Integers.Narrow(inputs[0]!.ToInt64s(), output);
            }
        };
    }

    public static void Convert(ReadOnlySpan<float> source, Tensor target)
    {
        (long min, long max) = target.Type switch
        {
            ElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            ElementType.UInt8 => (byte.MinValue, byte.MaxValue),
            ElementType.Int16 => (short.MinValue, short.MaxValue),
            ElementType.Int32 => (int.MinValue, int.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        bool isBool = target.Type == ElementType.Bool;
        long[] integers = new long[source.Length];
        for (int i = 0; i < source.Length; i++)
        {
            integers[i] = isBool ? (source[i] != 0 ? 1 : 0) : Math.Clamp(long.CreateSaturating(source[i]), min, max);
        }

        Integers.Narrow(integers, target);
    }

    /// <summary>Sets every element to <paramref name="value"/> as the tensor's type can hold it.</summary>
    public static void Fill(Tensor target, float value)
    {
        if (target.Data is float[] reals)
        {
            Array.Fill(reals, value);
            return;
        }

        var values = new float[target.Shape.ElementCount];
        Array.Fill(values, value);
        Convert(values, target);
    }
}
