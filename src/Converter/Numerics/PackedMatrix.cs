using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TinyInference.Converter.Numerics;

/// <summary>
/// A matrix [k, n] laid out as <see cref="Gemm"/> reads it: blocks of <see cref="DepthBlock"/> rows, in each block panels of
/// <see cref="PanelWidth"/> columns (the last one filled up with zeros), in each panel row after row. Immutable; share it freely.
/// </summary>
internal sealed class PackedMatrix
{
    /// <summary>Rows of a block: a panel of it (24 KB with 256-bit vectors) stays in the first-level cache.</summary>
    internal const int DepthBlock = 384;

    private readonly float[] _data;

    /// <param name="transposed">Whether <paramref name="source"/> holds the transpose, [n, k].</param>
    /// <param name="stride">Elements from one row of <paramref name="source"/> to the next.</param>
    public PackedMatrix(bool transposed, int n, int k, ReadOnlySpan<float> source, int stride)
    {
        N = n;
        K = k;
        _data = new float[PackedLength(n, k)];
        Pack(transposed, n, k, source, stride, _data);
    }

    public int N { get; }

    public int K { get; }

    public ReadOnlySpan<float> Data => _data;

    /// <summary>Columns of a panel: two vectors.</summary>
    internal static int PanelWidth => 2 * Vector<float>.Count;

    /// <summary>Floats that a packed matrix [k, n] takes.</summary>
    internal static int PackedLength(int n, int k) => checked((n + PanelWidth - 1) / PanelWidth * PanelWidth * k);

    internal static void Pack(bool transposed, int n, int k, ReadOnlySpan<float> source, int stride, Span<float> packed)
    {
        int width = PanelWidth;
        for (int depth = 0; depth < k; depth += DepthBlock)
        {
            int rows = Math.Min(DepthBlock, k - depth);
            for (int column = 0; column < n; column += width)
            {
                int columns = Math.Min(width, n - column);
                Span<float> panel = packed[..(rows * width)];
                packed = packed[(rows * width)..];
                if (columns < width)
                {
                    panel.Clear();
                }

                if (transposed)
                {
                    for (int j = 0; j < columns; j++)
                    {
                        ReadOnlySpan<float> line = source.Slice(((column + j) * stride) + depth, rows);
                        for (int p = 0, to = j; p < line.Length; p++, to += width)
                        {
                            panel[to] = line[p];
                        }
                    }
                }
                else if (columns == width)
                {
                    ref float from = ref MemoryMarshal.GetReference(source[((depth * stride) + column)..]);
                    ref float to = ref MemoryMarshal.GetReference(panel);
                    _ = source.Slice(((depth + rows - 1) * stride) + column, width);
                    for (nint p = 0; p < rows; p++)
                    {
                        Vector.LoadUnsafe(ref from).StoreUnsafe(ref to);
                        Vector.LoadUnsafe(ref from, (nuint)Vector<float>.Count).StoreUnsafe(ref to, (nuint)Vector<float>.Count);
                        from = ref Unsafe.Add(ref from, stride);
                        to = ref Unsafe.Add(ref to, width);
                    }
                }
                else
                {
                    for (int p = 0; p < rows; p++)
                    {
                        source.Slice(((depth + p) * stride) + column, columns).CopyTo(panel[(p * width)..]);
                    }
                }
            }
        }
    }
}
