using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>A float network from a file, ready to be trained, and what it says about its data.</summary>
/// <param name="Graph">Fused activations are split off, batch norm is kept.</param>
internal sealed record TrainedNetworkInfo(Graph Graph)
{
    /// <summary>Shape of the input, with batch.</summary>
    public Shape Input => Graph.Inputs[0].Shape;

    /// <summary>Classes, or numbers, that it gives.</summary>
    public int Outputs => Graph.Outputs[0].Shape.ElementCount;

    public string[] Labels => Graph.Metadata.TryGetValue(MetadataKeys.Labels, out string? text) ? text.Split('\n') : [];

    public InputPreparation? Preparation => FloatNetwork.PreparationOf(Graph);

    public NetworkTask? Task => NetworkTasks.Parse(Graph.Metadata.GetValueOrDefault(MetadataKeys.Task));

    /// <exception cref="InputException">The file holds no float network with one input and one output.</exception>
    public static TrainedNetworkInfo Load(string path, Screen screen)
    {
        Graph graph = TrainableGraph.From(ModelFile.Import(path, screen));
        if (graph.Inputs.Count != 1 || graph.Outputs.Count != 1)
        {
            throw new InputException($"{path}: has {graph.Inputs.Count} inputs and {graph.Outputs.Count} outputs; networks with one of each can be trained");
        }

        if (graph.Values().Any(v => v.Quantization is not null))
        {
            throw new InputException($"{path}: is quantized; training needs the float network that it was made from");
        }

        return new TrainedNetworkInfo(graph);
    }
}
