using TinyInference.Converter.Emission;
using TinyInference.Converter.Features;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Cli.Compressing;

internal static class Descriptions
{
    /// <summary>Writes into a classifier's metadata how data become its input.</summary>
    public static void Describe(this Graph graph, InputPreparation preparation)
    {
        graph.Metadata[MetadataKeys.Task] = NetworkTask.Classification.Word();
        if (preparation.ToString() is { Length: > 0 } text)
        {
            graph.Metadata[MetadataKeys.InputPreparation] = text;
        }
    }
}
