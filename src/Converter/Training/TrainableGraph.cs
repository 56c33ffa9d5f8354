using TinyInference.Converter.Passes;

namespace TinyInference.Converter.Training;

using TinyInference.Converter.Graphs;

/// <summary>
/// Makes an imported graph fit for training: layout transposes go, batch norm stays, activations are operators of their own (as
/// layers and the ONNX exporter want them), and weights are arrays that nobody else holds.
/// </summary>
internal static class TrainableGraph
{
    private static readonly IReadOnlyList<IGraphPass> s_passes =
    [
        new ConstantFolding(),
        new IdentityRemoval(),
        new DeadCode(),
        new MatMulToFullyConnected(),
        new TransposeElimination(),
        new TransposeToReshape(),
        new PadFusion(),
        new ActivationPatterns(),
    ];

    /// <param name="imported">Left as it is.</param>
    /// <exception cref="InputException">The graph is not sound.</exception>
    public static Graph From(Graph imported)
    {
        Graph graph = imported.Clone();
        graph.Sort();
        GraphValidator.Validate(graph);
        Run(graph, s_passes);
        if (graph.Nodes.Exists(n => n.Operator is Binary && n.Inputs.Exists(v => v is { IsConstant: true })))
        {
            // Layers know no constant scales and offsets: they become part of the weights beside them, and batch norm with them.
            Run(graph, [.. s_passes, new BatchNormFolding()]);
        }

        new SplitClamps().Apply(graph);
        CopyWeights(graph);
        graph.Sort();
        GraphValidator.Validate(graph);
        return graph;
    }

    /// <summary>A deep copy: training the copy leaves <paramref name="graph"/> as it is.</summary>
    public static Graph Copy(Graph graph)
    {
        Graph copy = graph.Clone();
        CopyWeights(copy);
        return copy;
    }

    private static void Run(Graph graph, IReadOnlyList<IGraphPass> passes)
    {
        const int MostRounds = 12;
        for (int round = 0; round < MostRounds && passes.Sum(p => p.Apply(graph)) > 0; round++)
        {
        }
    }

    private static void CopyWeights(Graph graph)
    {
        foreach (Value value in graph.Values())
        {
            if (value.Constant is { Type: ElementType.Float32 } constant)
            {
                value.Constant = new Tensor(constant.Shape, (float[])constant.Floats.Clone());
            }
        }
    }
}
