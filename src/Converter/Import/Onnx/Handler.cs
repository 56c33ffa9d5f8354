namespace TinyInference.Converter.Import.Onnx;

using TinyInference.Converter.Graphs;

/// <summary>Imports one node: emits what it computes and returns its outputs in the file's order and layout.</summary>
/// <exception cref="InputException">The node contradicts itself or its inputs.</exception>
/// <exception cref="UnsupportedException">The node is right, but there is no way to express it.</exception>
internal delegate Value[] Handler(OnnxNode node, OnnxGraphBuilder builder);
