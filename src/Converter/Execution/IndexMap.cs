using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TinyInference.Converter.Execution;

using TinyInference.Converter.Graphs;

/// <summary>
/// Where the elements of a tensor come from, for operators that only move them: element (i, j, ...) is element
/// Offsets[0][i] + Offsets[1][j] + ... of the source, or stays as it is where one of the offsets is <see cref="Outside"/>.
/// Works on any element type; makes no difference between elements of one size.
/// </summary>
internal sealed class IndexMap
{
    public const int Outside = -1;

    private readonly int[][] _offsets;
    private readonly int[] _strides;
    private readonly int _count;
    private readonly bool _innerIsRun;

    /// <param name="shape">Of the result.</param>
    /// <param name="offset">For a dimension and an index in it: elements from the start of the source, 0 or more, or <see cref="Outside"/>.</param>
    public IndexMap(Shape shape, Func<int, int, int> offset)
    {
        _count = shape.ElementCount;
        _strides = shape.Strides();
        _offsets = new int[shape.Rank][];
        if (_count == 0)
        {
            // The other dimensions of an empty tensor may be of any size.
            return;
        }

        for (int d = 0; d < shape.Rank; d++)
        {
            _offsets[d] = new int[shape[d]];
            for (int i = 0; i < shape[d]; i++)
            {
                _offsets[d][i] = offset(d, i);
            }
        }

        int[] inner = shape.Rank == 0 ? [0] : _offsets[^1];
        _innerIsRun = inner.Length > 0 && inner[0] != Outside;
        for (int i = 1; i < inner.Length && _innerIsRun; i++)
        {
            _innerIsRun = inner[i] == inner[0] + i;
        }
    }

    /// <summary>Reads a tensor of shape <paramref name="from"/> as if it had shape <paramref name="to"/>, as NumPy broadcasts.</summary>
    public static IndexMap Broadcast(Shape from, Shape to)
    {
        int[] strides = from.Strides();
        int lead = to.Rank - from.Rank;
        return new IndexMap(to, (d, i) => d < lead || from[d - lead] == 1 ? 0 : i * strides[d - lead]);
    }

    public void Copy(Array source, Array target)
    {
        if (_count == 0)
        {
            return;
        }

        switch (Buffer.ByteLength(target) / target.Length)
        {
            case 1:
                Copy(Elements<byte>(source), Elements<byte>(target), 0, 0, 0);
                break;
            case 2:
                Copy(Elements<short>(source), Elements<short>(target), 0, 0, 0);
                break;
            case 4:
                Copy(Elements<int>(source), Elements<int>(target), 0, 0, 0);
                break;
            default:
                Copy(Elements<long>(source), Elements<long>(target), 0, 0, 0);
                break;
        }
    }

    private void Copy<T>(ReadOnlySpan<T> source, Span<T> target, int dimension, int from, int to)
    {
        if (_offsets.Length == 0)
        {
            target[0] = source[0];
            return;
        }

        int[] offsets = _offsets[dimension];
        if (dimension < _offsets.Length - 1)
        {
            int stride = _strides[dimension];
            for (int i = 0; i < offsets.Length; i++, to += stride)
            {
                if (offsets[i] != Outside)
                {
                    Copy(source, target, dimension + 1, from + offsets[i], to);
                }
            }

            return;
        }

        Span<T> run = target.Slice(to, offsets.Length);
        if (_innerIsRun)
        {
            source.Slice(from + offsets[0], run.Length).CopyTo(run);
            return;
        }

        for (int i = 0; i < run.Length; i++)
        {
            if (offsets[i] != Outside)
            {
                run[i] = source[from + offsets[i]];
            }
        }
    }

    private static Span<T> Elements<T>(Array array)
        => MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
}
