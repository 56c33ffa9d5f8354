using TinyInference.Converter.Lowering;
using TinyInference.Converter.Planning;

namespace TinyInference.Converter.Conversion;

using TinyInference.Converter.Graphs;

/// <summary>A converted network, with what is known of every stage.</summary>
/// <param name="Graph">The quantized graph that was lowered.</param>
/// <param name="Blob">The bytes of the blob.</param>
internal sealed record ConversionResult(Graph Graph, BlobProgram Program, MemoryPlan Plan, byte[] Blob);
