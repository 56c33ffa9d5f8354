using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TinyInference.Converter.Numerics;

/// <summary>
/// Single-precision product of row-major matrices on one core. Tiles of 6 rows by two vectors are summed in registers, after
/// K. Goto and R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008; the left matrix is
/// read in place, transposed or not. Each element is summed in order of k (in blocks of <see cref="PackedMatrix.DepthBlock"/>) by fused
/// multiply-adds, so its value does not depend on the vector width, nor on m, n and the element's place in them.
/// </summary>
internal static class Gemm
{
    private const int TileRows = 6;

    /// <summary>Rows whose part of the left matrix stays in the second-level cache while the panels pass.</summary>
    private const int RowBlock = 96;

    /// <summary>C [m, n] = A B, or C += A B with <paramref name="accumulate"/>.</summary>
    /// <param name="transposeA">Whether <paramref name="a"/> holds the transpose of A, [k, m]; else [m, k].</param>
    /// <param name="transposeB">Whether <paramref name="b"/> holds the transpose of B, [n, k]; else [k, n].</param>
    /// <param name="lda">Elements from one row of <paramref name="a"/> to the next; <paramref name="ldb"/> and <paramref name="ldc"/> likewise.</param>
    public static void Multiply(
        bool transposeA, bool transposeB, int m, int n, int k, ReadOnlySpan<float> a, int lda, ReadOnlySpan<float> b, int ldb, Span<float> c, int ldc, bool accumulate)
    {
        CheckExtent(b.Length, transposeB ? n : k, transposeB ? k : n, ldb, nameof(b));
        int length = PackedMatrix.PackedLength(n, k);
        float[] packed = ArrayPool<float>.Shared.Rent(length);
        PackedMatrix.Pack(transposeB, n, k, b, ldb, packed.AsSpan(0, length));
        Multiply(transposeA, m, n, k, a, lda, packed.AsSpan(0, length), c, ldc, accumulate);
        ArrayPool<float>.Shared.Return(packed);
    }

    /// <summary>As the other overload, with a right matrix that was packed before.</summary>
    public static void Multiply(bool transposeA, int m, ReadOnlySpan<float> a, int lda, PackedMatrix b, Span<float> c, int ldc, bool accumulate)
        => Multiply(transposeA, m, b.N, b.K, a, lda, b.Data, c, ldc, accumulate);

    private static void Multiply(bool transposeA, int m, int n, int k, ReadOnlySpan<float> a, int lda, ReadOnlySpan<float> packed, Span<float> c, int ldc, bool accumulate)
    {
        CheckExtent(a.Length, transposeA ? k : m, transposeA ? m : k, lda, nameof(a));
        CheckExtent(c.Length, m, n, ldc, nameof(c));
        if (k == 0 && !accumulate)
        {
            for (int i = 0; i < m; i++)
            {
                c.Slice(i * ldc, n).Clear();
            }
        }

        nint rowStride = transposeA ? 1 : lda;
        nint depthStride = transposeA ? lda : 1;
        int panels = (n + PackedMatrix.PanelWidth - 1) / PackedMatrix.PanelWidth;
        for (int depth = 0; depth < k; depth += PackedMatrix.DepthBlock)
        {
            int depths = Math.Min(PackedMatrix.DepthBlock, k - depth);
            int blockLength = panels * PackedMatrix.PanelWidth * depths;
            for (int row = 0; row < m; row += RowBlock)
            {
                int count = Math.Min(RowBlock, m - row);
                ReadOnlySpan<float> block = a[(int)((row * rowStride) + (depth * depthStride))..];
                MultiplyBlock(count, n, depths, block, rowStride, depthStride, packed[..blockLength], c[(row * ldc)..], ldc, accumulate || depth > 0);
            }

            packed = packed[blockLength..];
        }
    }

    /// <summary>A block of rows times one depth block of the packed matrix.</summary>
    private static void MultiplyBlock(
        int m, int n, int depth, ReadOnlySpan<float> a, nint rowStride, nint depthStride, ReadOnlySpan<float> packed, Span<float> c, int ldc, bool accumulate)
    {
        int width = PackedMatrix.PanelWidth;
        Span<float> edge = stackalloc float[TileRows * width];
        ref float edgeStart = ref MemoryMarshal.GetReference(edge);
        ref float aStart = ref MemoryMarshal.GetReference(a);
        ref float cStart = ref MemoryMarshal.GetReference(c);
        ref float panel = ref MemoryMarshal.GetReference(packed);
        for (int column = 0; column < n; column += width)
        {
            int columns = Math.Min(width, n - column);
            for (int row = 0; row < m; row += TileRows)
            {
                int rows = Math.Min(TileRows, m - row);
                ref float aTile = ref Unsafe.Add(ref aStart, row * rowStride);
                ref float cTile = ref Unsafe.Add(ref cStart, (row * (nint)ldc) + column);
                if (rows == TileRows && columns == width)
                {
                    MultiplyTile(depth, rows, ref aTile, rowStride, depthStride, ref panel, ref cTile, ldc, accumulate);
                    continue;
                }

                if (rows == 1)
                {
                    MultiplyRow(depth, ref aTile, depthStride, ref panel, ref edgeStart);
                }
                else
                {
                    MultiplyTile(depth, rows, ref aTile, rowStride, depthStride, ref panel, ref edgeStart, width, accumulate: false);
                }

                StoreEdge(edge, rows, columns, c[((row * ldc) + column)..], ldc, accumulate);
            }

            panel = ref Unsafe.Add(ref panel, depth * (nint)width);
        }
    }

    private static void StoreEdge(ReadOnlySpan<float> tile, int rows, int columns, Span<float> c, int ldc, bool accumulate)
    {
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<float> from = tile.Slice(i * PackedMatrix.PanelWidth, columns);
            Span<float> to = c.Slice(i * ldc, columns);
            for (int j = 0; j < to.Length; j++)
            {
                to[j] = accumulate ? to[j] + from[j] : from[j];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRow(int depth, ref float a, nint depthStride, ref float b, ref float c)
    {
        Vector<float> s0 = Vector<float>.Zero, s1 = s0;
        for (nint p = 0, end = depth * depthStride; p < end; p += depthStride)
        {
            var x = new Vector<float>(Unsafe.Add(ref a, p));
            s0 = Vector.FusedMultiplyAdd(x, Vector.LoadUnsafe(ref b), s0);
            s1 = Vector.FusedMultiplyAdd(x, Vector.LoadUnsafe(ref b, (nuint)Vector<float>.Count), s1);
            b = ref Unsafe.Add(ref b, 2 * Vector<float>.Count);
        }

        s0.StoreUnsafe(ref c);
        s1.StoreUnsafe(ref c, (nuint)Vector<float>.Count);
    }

    /// <summary>6 rows by one panel. Where there are fewer <paramref name="rows"/>, the last is computed again: its results are no one's.</summary>
    /// <remarks>Optimized at the first call: a short run of the tool must not spend its time in unoptimized tiles.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyTile(int depth, int rows, ref float a, nint rowStride, nint depthStride, ref float b, ref float c, nint ldc, bool accumulate)
    {
        ref float a1 = ref Unsafe.Add(ref a, Math.Min(1, rows - 1) * rowStride);
        ref float a2 = ref Unsafe.Add(ref a, Math.Min(2, rows - 1) * rowStride);
        ref float a3 = ref Unsafe.Add(ref a, Math.Min(3, rows - 1) * rowStride);
        ref float a4 = ref Unsafe.Add(ref a, Math.Min(4, rows - 1) * rowStride);
        ref float a5 = ref Unsafe.Add(ref a, Math.Min(5, rows - 1) * rowStride);
        Vector<float> s00 = Vector<float>.Zero, s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00;
        Vector<float> s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00;
        for (nint p = 0, end = depth * depthStride; p < end; p += depthStride)
        {
            Vector<float> b0 = Vector.LoadUnsafe(ref b);
            Vector<float> b1 = Vector.LoadUnsafe(ref b, (nuint)Vector<float>.Count);
            b = ref Unsafe.Add(ref b, 2 * Vector<float>.Count);
            var x = new Vector<float>(Unsafe.Add(ref a, p));
            s00 = Vector.FusedMultiplyAdd(x, b0, s00);
            s01 = Vector.FusedMultiplyAdd(x, b1, s01);
            x = new Vector<float>(Unsafe.Add(ref a1, p));
            s10 = Vector.FusedMultiplyAdd(x, b0, s10);
            s11 = Vector.FusedMultiplyAdd(x, b1, s11);
            x = new Vector<float>(Unsafe.Add(ref a2, p));
            s20 = Vector.FusedMultiplyAdd(x, b0, s20);
            s21 = Vector.FusedMultiplyAdd(x, b1, s21);
            x = new Vector<float>(Unsafe.Add(ref a3, p));
            s30 = Vector.FusedMultiplyAdd(x, b0, s30);
            s31 = Vector.FusedMultiplyAdd(x, b1, s31);
            x = new Vector<float>(Unsafe.Add(ref a4, p));
            s40 = Vector.FusedMultiplyAdd(x, b0, s40);
            s41 = Vector.FusedMultiplyAdd(x, b1, s41);
            x = new Vector<float>(Unsafe.Add(ref a5, p));
            s50 = Vector.FusedMultiplyAdd(x, b0, s50);
            s51 = Vector.FusedMultiplyAdd(x, b1, s51);
        }

        Store(ref c, s00, s01, accumulate);
        Store(ref Unsafe.Add(ref c, ldc), s10, s11, accumulate);
        Store(ref Unsafe.Add(ref c, 2 * ldc), s20, s21, accumulate);
        Store(ref Unsafe.Add(ref c, 3 * ldc), s30, s31, accumulate);
        Store(ref Unsafe.Add(ref c, 4 * ldc), s40, s41, accumulate);
        Store(ref Unsafe.Add(ref c, 5 * ldc), s50, s51, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref float c, Vector<float> s0, Vector<float> s1, bool accumulate)
    {
        if (accumulate)
        {
            s0 += Vector.LoadUnsafe(ref c);
            s1 += Vector.LoadUnsafe(ref c, (nuint)Vector<float>.Count);
        }

        s0.StoreUnsafe(ref c);
        s1.StoreUnsafe(ref c, (nuint)Vector<float>.Count);
    }

    /// <summary>The tiles are read and written without bounds checks: the extents are checked here, once.</summary>
    private static void CheckExtent(int length, int rows, int columns, int stride, string name)
    {
        if (rows < 0 || columns < 0 || stride < columns || (rows > 0 && (((rows - 1L) * stride) + columns) > length))
        {
            throw new ArgumentException($"{rows} rows of {columns} at a stride of {stride} do not fit {length} elements", name);
        }
    }
}
