namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>Reads constants as the reals that they stand for.</summary>
internal static class Constants
{
    /// <summary>The one real that a constant of one element stands for.</summary>
    public static bool TryScalar(Value? value, out float real)
    {
        real = 0;
        if (value?.Constant is not { Shape.ElementCount: 1 } tensor || (value.Quantization is { IsPerTensor: false }))
        {
            return false;
        }

        real = tensor.ToFloats()[0];
        if (value.Quantization is { } quantization && value.Type != ElementType.Float32)
        {
            real = quantization.Scale * (real - quantization.ZeroPoint);
        }

        return float.IsFinite(real);
    }

    /// <summary>Whether <paramref name="value"/> is a constant of one element, about <paramref name="expected"/>.</summary>
    public static bool IsScalar(Value? value, float expected) => TryScalar(value, out float real) && IsAbout(real, expected);

    public static bool IsAbout(float real, float expected) => Math.Abs(real - expected) <= 1e-5f * Math.Max(1e-3f, Math.Abs(expected));

    /// <summary>The elements of a constant of 32-bit floats (not quantized); null for anything else.</summary>
    public static float[]? Floats(Value? value) =>
        value is { Constant: { Type: ElementType.Float32 } tensor, Quantization: null } ? tensor.Floats : null;
}
