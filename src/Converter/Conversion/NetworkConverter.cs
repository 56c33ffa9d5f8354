using TinyInference.Converter.Emission;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Planning;

namespace TinyInference.Converter.Conversion;

/// <summary>From a graph to a blob.</summary>
internal static class NetworkConverter
{
    /// <param name="graph">Quantized: every activation int8 with quantization parameters, or plain integers.</param>
    /// <exception cref="InputException">The network cannot be expressed in a blob.</exception>
    public static ConversionResult Emit(Graph graph)
    {
        BlobProgram program = Lowerer.Lower(graph);
        MemoryPlan plan = MemoryPlanner.Plan(program);
        return new ConversionResult(graph, program, plan, BlobWriter.ToBytes(program, plan));
    }
}
