namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>The reals that int8 numbers are to stand for.</summary>
internal readonly record struct ValueRange(float Min, float Max)
{
    public ValueRange Union(ValueRange other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));

    /// <summary>What the parameters of an int8 tensor can express.</summary>
    public static ValueRange Of(QuantizationParameters q) => new(q.Scale * (sbyte.MinValue - q.ZeroPoint), q.Scale * (sbyte.MaxValue - q.ZeroPoint));

    /// <summary>
    /// S = (max - min) / 255 and Z = -128 - min / S, rounded, with the range widened to hold 0, which is exact then
    /// (B. Jacob et al., CVPR 2018, section 3).
    /// </summary>
    public QuantizationParameters ToParameters()
    {
        double min = Math.Min(0, Min);
        double max = Math.Max(0, Max);
        float scale = (float)((max - min) / 255);
        if (!float.IsNormal(scale))
        {
            // Always 0, or so near that single precision has no scale for it.
            return new QuantizationParameters(1, 0);
        }

        double zeroPoint = Math.Round(sbyte.MinValue - (min / scale), MidpointRounding.AwayFromZero);
        return new QuantizationParameters(scale, FixedPoint.Saturate((int)Math.Clamp(zeroPoint, sbyte.MinValue, sbyte.MaxValue)));
    }
}
