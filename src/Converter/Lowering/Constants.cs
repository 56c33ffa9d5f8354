namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>Constant operands, as integers or as the reals that they stand for.</summary>
internal static class Constants
{
    /// <summary>Int8 under one scale.</summary>
    public static (sbyte[] Data, QuantizationParameters Quantization) Int8(Value value) =>
        value is { Constant: { Type: ElementType.Int8 } constant, Quantization: { IsPerTensor: true } quantization }
            ? (constant.Int8s, quantization)
            : throw new UnsupportedException($"its operand '{value.Name}' is no int8 constant with one scale");

    /// <summary>Integers under one scale or plain, or floats.</summary>
    public static float[] Reals(Value value)
    {
        if (value.Constant is not { } constant)
        {
            throw new UnsupportedException($"its operand '{value.Name}' is no constant");
        }

        float[] data = constant.ToFloats();
        return constant.Type == ElementType.Float32 || value.Quantization is not { IsPerTensor: true } q
            ? data
            : Array.ConvertAll(data, x => q.Scale * (x - q.ZeroPoint));
    }
}
