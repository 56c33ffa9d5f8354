namespace TinyInference.Converter.Import;

using TinyInference.Converter.Graphs;

/// <summary>What a value holds: element type, shape, and how its integers stand for reals.</summary>
internal readonly record struct TensorType(ElementType Type, Shape Shape, QuantizationParameters? Quantization = null)
{
    /// <summary>The type of <paramref name="value"/> under another shape, its quantization kept.</summary>
    public static TensorType Like(Value value, Shape shape) => new(value.Type, shape, value.Quantization);

    public static TensorType Like(Value value) => new(value.Type, value.Shape, value.Quantization);
}
