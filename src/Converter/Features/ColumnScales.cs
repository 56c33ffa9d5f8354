namespace TinyInference.Converter.Features;

/// <summary>A scale and an offset for each number of a sample, in the order of the data.</summary>
/// <param name="Scale">None is 0.</param>
/// <param name="Offset">As many.</param>
internal sealed record ColumnScales(float[] Scale, float[] Offset)
{
    public int Count => Scale.Length;

    public bool Equals(ColumnScales? other) => other is not null && Scale.AsSpan().SequenceEqual(other.Scale) && Offset.AsSpan().SequenceEqual(other.Offset);

    public override int GetHashCode() => HashCode.Combine(Count, Count > 0 ? Scale[0] : 0, Count > 0 ? Offset[0] : 0);
}
