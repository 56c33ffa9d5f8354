using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Cli.Prediction;

/// <summary>The one input that data go into.</summary>
/// <param name="Shape">With the batch dimension.</param>
/// <param name="Quantization">Null for reals.</param>
internal sealed record InputTensor(string Name, Shape Shape, QuantizationParameters? Quantization)
{
    public static InputTensor Of(Value value) => new(value.Name, value.Shape, FakeQuantization.Applies(value) ? value.Quantization : null);
}
