namespace TinyInference.Tests;

/// <summary>The scalar arithmetic of TensorFlow Lite Micro, written as its sources and gemmlowp's have it.</summary>
internal static class Reference
{
    public static int SaturatingRoundingDoublingHighMul(int a, int b)
    {
        if (a == b && a == int.MinValue)
        {
            return int.MaxValue;
        }

        long product = (long)a * b;
        int nudge = product >= 0 ? 1 << 30 : 1 - (1 << 30);
        return (int)((product + nudge) / (1L << 31));
    }

    public static int RoundingDivideByPot(int x, int exponent)
    {
        int mask = (int)((1L << exponent) - 1);
        int remainder = x & mask;
        int threshold = (mask >> 1) + (x < 0 ? 1 : 0);
        return (x >> exponent) + (remainder > threshold ? 1 : 0);
    }

    public static int MultiplyByQuantizedMultiplier(int x, int multiplier, int shift)
    {
        int left = shift > 0 ? shift : 0;
        int right = shift > 0 ? 0 : -shift;
        return RoundingDivideByPot(SaturatingRoundingDoublingHighMul(unchecked(x * (1 << left)), multiplier), right);
    }

    public static sbyte Clamp(int x, int min, int max) => (sbyte)Math.Min(Math.Max(x, min), max);

    /// <summary>Index in C order.</summary>
    public static int At(int[] dimensions, params int[] indices)
    {
        int at = 0;
        for (int i = 0; i < dimensions.Length; i++)
        {
            at = (at * dimensions[i]) + indices[i];
        }

        return at;
    }

    public static int Size(int[] dimensions) => dimensions.Aggregate(1, (a, b) => a * b);

    /// <summary>All indices of a shape, in C order.</summary>
    public static IEnumerable<int[]> Indices(int[] dimensions)
    {
        int size = Size(dimensions);
        for (int i = 0; i < size; i++)
        {
            var index = new int[dimensions.Length];
            int rest = i;
            for (int d = dimensions.Length - 1; d >= 0; d--)
            {
                index[d] = rest % dimensions[d];
                rest /= dimensions[d];
            }

            yield return index;
        }
    }

    public static int[] Strides(int[] dimensions)
    {
        var strides = new int[dimensions.Length];
        int stride = 1;
        for (int d = dimensions.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= dimensions[d];
        }

        return strides;
    }
}
