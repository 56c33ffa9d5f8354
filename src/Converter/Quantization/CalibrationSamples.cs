namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>Typical inputs of a network, from which the ranges of its activations are learned.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Read">The inputs of sample 0 to Count - 1, as the graph lists them; called from several threads.</param>
internal sealed record CalibrationSamples(int Count, Func<int, Tensor[]> Read);
