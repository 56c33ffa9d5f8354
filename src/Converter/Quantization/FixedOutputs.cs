namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>The quantization parameters that TensorFlow Lite's int8 specification prescribes for the outputs of some operators.</summary>
internal static class FixedOutputs
{
    public static readonly QuantizationParameters Sigmoid = new(1f / 256, -128);
    public static readonly QuantizationParameters Softmax = new(1f / 256, -128);
    public static readonly QuantizationParameters Tanh = new(1f / 128, 0);
}
