using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TinyInference.Converter.Training.Layers;

/// <summary>Sums over the rows of a matrix [rows, channels] in one pass, for several vectors of channels at a time in registers.</summary>
internal static class ColumnSums
{
    /// <summary>Sets sums = sum of (a - shift) and products = sum of (a - shift) * (a - shift), for each channel.</summary>
    public static void OfSquares(ReadOnlySpan<float> a, ReadOnlySpan<float> shift, Span<float> sums, Span<float> products)
    {
        int channels = sums.Length;
        int c = 0;
        for (; c + (2 * Vector<float>.Count) <= channels; c += 2 * Vector<float>.Count)
        {
            OfSquares(a, channels, c, shift, sums, products);
        }

        for (; c < channels; c++)
        {
            float sum = 0, product = 0;
            for (int i = c; i < a.Length; i += channels)
            {
                float x = a[i] - shift[c];
                sum += x;
                product += x * x;
            }

            sums[c] = sum;
            products[c] = product;
        }
    }

    /// <summary>Sets sums = sum of b and products = sum of (a - shift) * b, for each channel.</summary>
    public static void OfProducts(ReadOnlySpan<float> a, ReadOnlySpan<float> shift, ReadOnlySpan<float> b, Span<float> sums, Span<float> products)
    {
        int channels = sums.Length;
        int c = 0;
        for (; c + (2 * Vector<float>.Count) <= channels; c += 2 * Vector<float>.Count)
        {
            OfProducts(a, channels, c, shift, b, sums, products);
        }

        for (; c < channels; c++)
        {
            float sum = 0, product = 0;
            for (int i = c; i < a.Length; i += channels)
            {
                sum += b[i];
                product += (a[i] - shift[c]) * b[i];
            }

            sums[c] = sum;
            products[c] = product;
        }
    }

    private static void OfSquares(ReadOnlySpan<float> a, int channels, int c, ReadOnlySpan<float> shift, Span<float> sums, Span<float> products)
    {
        nuint second = (nuint)Vector<float>.Count;
        ref float x = ref MemoryMarshal.GetReference(a[c..]);
        var shift0 = new Vector<float>(shift[c..]);
        var shift1 = new Vector<float>(shift[(c + (int)second)..]);
        Vector<float> s0 = Vector<float>.Zero, s1 = s0, p0 = s0, p1 = s0;
        for (int rows = a.Length / channels; rows > 0; rows--)
        {
            Vector<float> x0 = Vector.LoadUnsafe(ref x) - shift0;
            Vector<float> x1 = Vector.LoadUnsafe(ref x, second) - shift1;
            s0 += x0;
            s1 += x1;
            p0 = Vector.FusedMultiplyAdd(x0, x0, p0);
            p1 = Vector.FusedMultiplyAdd(x1, x1, p1);
            x = ref Unsafe.Add(ref x, channels);
        }

        Store(s0, s1, sums[c..]);
        Store(p0, p1, products[c..]);
    }

    private static void OfProducts(ReadOnlySpan<float> a, int channels, int c, ReadOnlySpan<float> shift, ReadOnlySpan<float> b, Span<float> sums, Span<float> products)
    {
        nuint second = (nuint)Vector<float>.Count;
        ref float x = ref MemoryMarshal.GetReference(a[c..]);
        ref float y = ref MemoryMarshal.GetReference(b[c..]);
        var shift0 = new Vector<float>(shift[c..]);
        var shift1 = new Vector<float>(shift[(c + (int)second)..]);
        Vector<float> s0 = Vector<float>.Zero, s1 = s0, p0 = s0, p1 = s0;
        for (int rows = Math.Min(a.Length, b.Length) / channels; rows > 0; rows--)
        {
            Vector<float> y0 = Vector.LoadUnsafe(ref y);
            Vector<float> y1 = Vector.LoadUnsafe(ref y, second);
            s0 += y0;
            s1 += y1;
            p0 = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref x) - shift0, y0, p0);
            p1 = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref x, second) - shift1, y1, p1);
            x = ref Unsafe.Add(ref x, channels);
            y = ref Unsafe.Add(ref y, channels);
        }

        Store(s0, s1, sums[c..]);
        Store(p0, p1, products[c..]);
    }

    private static void Store(Vector<float> first, Vector<float> second, Span<float> target)
    {
        first.CopyTo(target);
        second.CopyTo(target[Vector<float>.Count..]);
    }
}
