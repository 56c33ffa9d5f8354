using System.Collections;

namespace TinyInference.Converter.Graphs;

/// <summary>The extent of a tensor in each dimension; immutable. Activations of images are NHWC.</summary>
internal sealed class Shape : IReadOnlyList<int>, IEquatable<Shape>
{
    /// <summary>The shape of a scalar: no dimensions, one element.</summary>
    public static readonly Shape Scalar = new();

    private readonly int[] _dimensions;

    /// <param name="dimensions">Extents, outermost first; each 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative, or the element count exceeds int.</exception>
    public Shape(params ReadOnlySpan<int> dimensions)
    {
        long count = 1;
        foreach (int dimension in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(dimensions));
            count *= dimension;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, int.MaxValue, nameof(dimensions));
        }

        _dimensions = dimensions.ToArray();
        ElementCount = (int)count;
    }

    public int Rank => _dimensions.Length;

    /// <summary>Number of dimensions; for <see cref="IReadOnlyList{T}"/>.</summary>
    public int Count => _dimensions.Length;

    public int ElementCount { get; }

    /// <param name="index">0 is the outermost; negative counts from the innermost (-1).</param>
    public int this[int index] => _dimensions[index < 0 ? index + _dimensions.Length : index];

    public ReadOnlySpan<int> AsSpan() => _dimensions;

    public int[] ToArray() => (int[])_dimensions.Clone();

    /// <summary>Elements from one index of each dimension to the next, C order.</summary>
    public int[] Strides()
    {
        var strides = new int[Rank];
        int stride = 1;
        for (int i = Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= _dimensions[i];
        }

        return strides;
    }

    /// <summary>A copy with dimension <paramref name="index"/> (negative counts from the end) set to <paramref name="extent"/>.</summary>
    public Shape With(int index, int extent)
    {
        int[] dimensions = ToArray();
        dimensions[index < 0 ? index + Rank : index] = extent;
        return new Shape(dimensions);
    }

    public bool Equals(Shape? other) => other is not null && _dimensions.AsSpan().SequenceEqual(other._dimensions);

    public override bool Equals(object? obj) => Equals(obj as Shape);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int dimension in _dimensions)
        {
            hash.Add(dimension);
        }

        return hash.ToHashCode();
    }

    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)_dimensions).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _dimensions.GetEnumerator();

    /// <summary>For people: "1x49x10x1"; "scalar" without dimensions.</summary>
    public override string ToString() => Rank == 0 ? "scalar" : string.Join('x', _dimensions);
}
