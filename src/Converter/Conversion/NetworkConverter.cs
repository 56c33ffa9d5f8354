using TinyInference.Converter.Emission;
using TinyInference.Converter.Features;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Passes;
using TinyInference.Converter.Planning;
using TinyInference.Converter.Planning.Patches;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Conversion;

using TinyInference.Converter.Graphs;

/// <summary>From an imported graph to a blob: passes, quantization, lowering, memory plan, bytes.</summary>
internal static class NetworkConverter
{
    /// <summary>
    /// Runs the passes on a copy. Inputs and outputs keep their names, but their dimensions may have another order
    /// (<see cref="LayoutMetadata"/>): calibration samples are those of the graph returned here.
    /// </summary>
    /// <exception cref="InputException">The graph is not sound.</exception>
    public static Graph Prepare(Graph graph)
    {
        Graph prepared = graph.Clone();
        PassPipeline.Run(prepared);
        return prepared;
    }

    /// <param name="prepared">From <see cref="Prepare"/>.</param>
    /// <param name="samples">Null for a network that is quantized already.</param>
    /// <param name="options">How to quantize what is float.</param>
    /// <param name="progress">Told the part of calibration that is done, 0 to 1, from several threads.</param>
    /// <param name="kernels">Which kernels to choose where there is a choice.</param>
    /// <exception cref="InputException">The network cannot be quantized with what is given, or not be expressed in a blob.</exception>
    public static ConversionResult Convert(Graph prepared, CalibrationSamples? samples, QuantizationOptions options, KernelPreference kernels = KernelPreference.Balanced, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        Graph quantized = StaticQuantizer.Quantize(prepared, samples, options, progress ?? (_ => { }), cancellation);
        if (options.DynamicScales)
        {
            DynamicQuantizer.Apply(quantized);
        }

        return Emit(quantized, kernels);
    }

    /// <param name="graph">Quantized: every activation int8 with quantization parameters, or plain integers.</param>
    /// <param name="kernels">Which kernels to choose where there is a choice.</param>
    /// <param name="resources">What the blob carries beside the network and the tables for its input, where that is sound.</param>
    /// <exception cref="InputException">The network cannot be expressed in a blob.</exception>
    public static ConversionResult Emit(Graph graph, KernelPreference kernels = KernelPreference.Balanced, IReadOnlyList<BlobResource>? resources = null)
    {
        BlobProgram program = Lowerer.Lower(graph);
        program.Resources.AddRange([.. resources ?? [], .. DeviceFeatureTables.For(graph)]);
        KernelSelection.Apply(program, kernels);
        MemoryPlan plan = MemoryPlanner.Plan(program);
        return new ConversionResult(graph, program, plan, BlobWriter.ToBytes(program, plan));
    }

    /// <summary>Executes layers of a converted network patch by patch where that lowers its RAM; the outputs stay the same to the byte.</summary>
    /// <param name="mostBytes">RAM for activations and scratch that is good enough; null for as little as possible.</param>
    /// <returns>The same network where nothing is gained, or where it needs no more than that already.</returns>
    public static ConversionResult LowerRam(ConversionResult result, int? mostBytes, CancellationToken cancellation = default)
    {
        (BlobProgram program, MemoryPlan plan) = PatchSearch.Run(result.Program, mostBytes, cancellation);
        return program == result.Program ? result : result with { Program = program, Plan = plan, Blob = BlobWriter.ToBytes(program, plan) };
    }
}
