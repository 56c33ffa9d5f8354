using TinyInference.Converter.Commands.Training;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Language;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Commands;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>From a trained network to the blob that devices run.</summary>
internal static class CommandBlob
{
    /// <summary>What the metadata calls the task.</summary>
    public const string Task = "commands";

    /// <summary>Sentences that ranges are learned from.</summary>
    private const int Samples = 256;

    /// <summary>Quantizes and writes.</summary>
    /// <param name="typical">Sentences like those that will come.</param>
    /// <param name="kernels">Which kernels to choose where there is a choice.</param>
    public static ConversionResult Write(CommandModelSource source, CommandThresholds thresholds, IReadOnlyList<CodedExample> typical, KernelPreference kernels, CancellationToken cancellation)
    {
        // All samples have one length: short ones go on with boundaries, as sentences end with them.
        int words = typical.Take(Samples).Max(e => e.Words.Length) + 1;
        Graph graph = CommandGraph.Create(source.Network, 2 * words);
        graph.Metadata[MetadataKeys.Task] = Task;
        Tensor Read(int i)
        {
            int[] indices = new int[2 * words];
            for (int k = 0; k < words; k++)
            {
                int word = k < typical[i].Words.Length ? typical[i].Words[k] : Vocabulary.Boundary;
                indices[2 * k] = source.Placement.RowOf(word);
                indices[(2 * k) + 1] = source.Placement.Side + source.Placement.ColumnOf(word);
            }

            return new Tensor(new Shape(1, 2 * words), indices);
        }

        Graph quantized = StaticQuantizer.Quantize(graph, new CalibrationSamples(Math.Min(typical.Count, Samples), i => [Read(i)]), QuantizationOptions.Default, _ => { }, cancellation);
        BlobResource[] resources =
        [
            .. WordTableWriter.Write(source.Schema.Vocabulary.Words, source.Placement.Cells, source.Placement.Side),
            new BlobResource(Resource.Commands, CommandDescriptionWriter.Write(source.Schema, source.Network.Delay, thresholds)),
        ];
        return NetworkConverter.Emit(SequenceLength.Change(quantized, 1), kernels, resources);
    }
}

/// <summary>A network with the table of its words and what it tells apart.</summary>
internal sealed record CommandModelSource(CommandSchema Schema, WordPlacement Placement, CommandNetwork Network);
