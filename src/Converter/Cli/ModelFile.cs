using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import;
using TinyInference.Converter.Passes;

namespace TinyInference.Converter.Cli;

/// <summary>A model that the user names, after the passes.</summary>
/// <param name="Path">As the user wrote it.</param>
/// <param name="Passes">What the passes did.</param>
internal sealed record ModelFile(string Path, Graph Graph, IReadOnlyList<PassResult> Passes)
{
    /// <exception cref="InputException">It cannot be imported.</exception>
    public static ModelFile Load(string path, Screen screen)
    {
        Graph graph = Import(path, screen);
        return new ModelFile(path, graph, PassPipeline.Run(graph));
    }

    /// <summary>The network as it is in the file, before the passes.</summary>
    /// <exception cref="InputException">It cannot be imported.</exception>
    public static Graph Import(string path, Screen screen)
    {
        Graph graph = ModelImporter.Load(path);
        if (graph.Metadata.TryGetValue("import.warnings", out string? warnings))
        {
            foreach (string warning in warnings.Split('\n'))
            {
                screen.Warning($"{path}: {warning}");
            }
        }

        return graph;
    }
}
