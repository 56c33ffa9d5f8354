namespace TinyInference.Converter.Graphs;

/// <summary>
/// Affine quantization as TensorFlow Lite defines it: real = scale * (q - zeroPoint). One scale for the whole
/// tensor, or one for each index of dimension <see cref="Axis"/> (weights, zero points all 0).
/// </summary>
/// <param name="Scales">1, or as many as dimension <paramref name="Axis"/> has; each above 0.</param>
/// <param name="ZeroPoints">As many as <paramref name="Scales"/>.</param>
/// <param name="Axis">The dimension that scales run along; not used when there is one scale.</param>
internal sealed record QuantizationParameters(float[] Scales, int[] ZeroPoints, int Axis = 0)
{
    public QuantizationParameters(float scale, int zeroPoint)
        : this([scale], [zeroPoint])
    {
    }

    public bool IsPerTensor => Scales.Length == 1;

    /// <summary>The scale of a tensor that has one.</summary>
    public float Scale => IsPerTensor ? Scales[0] : throw new InvalidOperationException("quantized per channel: there is no one scale");

    /// <summary>The zero point of a tensor that has one.</summary>
    public int ZeroPoint => IsPerTensor ? ZeroPoints[0] : throw new InvalidOperationException("quantized per channel: there is no one zero point");

    public bool Equals(QuantizationParameters? other) => other is not null && Axis == other.Axis
        && Scales.AsSpan().SequenceEqual(other.Scales) && ZeroPoints.AsSpan().SequenceEqual(other.ZeroPoints);

    public override int GetHashCode() => HashCode.Combine(Scales[0], ZeroPoints[0], Scales.Length);

    public override string ToString() => IsPerTensor ? $"({Scales[0]:G6}, {ZeroPoints[0]})" : $"({Scales.Length} scales along {Axis})";
}
