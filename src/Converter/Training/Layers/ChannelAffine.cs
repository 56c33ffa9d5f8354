using System.Numerics;
using System.Runtime.InteropServices;

namespace TinyInference.Converter.Training.Layers;

/// <summary>Straight lines over the rows of matrices [rows, channels], each channel with its own factors.</summary>
internal static class ChannelAffine
{
    /// <summary>y = x * factor + offset.</summary>
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> factor, ReadOnlySpan<float> offset, Span<float> y)
    {
        int channels = factor.Length;
        int vectors = channels / Vector<float>.Count * Vector<float>.Count;
        ref float f = ref MemoryMarshal.GetReference(factor);
        ref float o = ref MemoryMarshal.GetReference(offset);
        for (int row = 0; row < x.Length; row += channels)
        {
            ReadOnlySpan<float> from = x.Slice(row, channels);
            Span<float> to = y.Slice(row, channels);
            ref float source = ref MemoryMarshal.GetReference(from);
            ref float target = ref MemoryMarshal.GetReference(to);
            for (nuint c = 0; c < (nuint)vectors; c += (nuint)Vector<float>.Count)
            {
                Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref source, c), Vector.LoadUnsafe(ref f, c), Vector.LoadUnsafe(ref o, c)).StoreUnsafe(ref target, c);
            }

            for (int c = vectors; c < channels; c++)
            {
                to[c] = (from[c] * factor[c]) + offset[c];
            }
        }
    }

    /// <summary>y = a * u + b * v + c, or y += that with <paramref name="accumulate"/>.</summary>
    public static void Combine(
        ReadOnlySpan<float> u, ReadOnlySpan<float> a, ReadOnlySpan<float> v, ReadOnlySpan<float> b, ReadOnlySpan<float> offset, Span<float> y, bool accumulate)
    {
        int channels = a.Length;
        int vectors = channels / Vector<float>.Count * Vector<float>.Count;
        ref float aStart = ref MemoryMarshal.GetReference(a);
        ref float bStart = ref MemoryMarshal.GetReference(b);
        ref float oStart = ref MemoryMarshal.GetReference(offset);
        for (int row = 0; row < y.Length; row += channels)
        {
            ReadOnlySpan<float> us = u.Slice(row, channels);
            ReadOnlySpan<float> vs = v.Slice(row, channels);
            Span<float> to = y.Slice(row, channels);
            ref float uRow = ref MemoryMarshal.GetReference(us);
            ref float vRow = ref MemoryMarshal.GetReference(vs);
            ref float target = ref MemoryMarshal.GetReference(to);
            for (nuint c = 0; c < (nuint)vectors; c += (nuint)Vector<float>.Count)
            {
                Vector<float> sum = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref vRow, c), Vector.LoadUnsafe(ref bStart, c), Vector.LoadUnsafe(ref oStart, c));
                sum = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref uRow, c), Vector.LoadUnsafe(ref aStart, c), sum);
                (accumulate ? sum + Vector.LoadUnsafe(ref target, c) : sum).StoreUnsafe(ref target, c);
            }

            for (int c = vectors; c < channels; c++)
            {
                to[c] = (accumulate ? to[c] : 0) + (us[c] * a[c]) + (vs[c] * b[c]) + offset[c];
            }
        }
    }
}
