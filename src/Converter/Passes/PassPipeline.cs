namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>What one pass did in one round.</summary>
internal sealed record PassResult(int Round, string Pass, string Description, int Changes, int NodesBefore, int NodesAfter);

/// <summary>The passes in the order in which they run, again and again until none has anything left to do.</summary>
internal sealed class PassPipeline
{
    /// <summary>Rounds at most; each needs the one before to have changed something, few networks need more than three.</summary>
    private const int MostRounds = 12;

    /// <summary>Nodes at most: far more than a blob can hold, and few enough for passes to end in seconds.</summary>
    private const int MostNodes = 50_000;

    /// <summary>Run in rounds, in this order.</summary>
    public static IReadOnlyList<IGraphPass> Rounds { get; } =
    [
        new UnsignedToSigned(),
        new QuantizationFolding(),
        new ConstantFolding(),
        new IdentityRemoval(),
        new CommonSubexpressions(),
        new DeadCode(),
        new MatMulToFullyConnected(),
        new LayerNormPatterns(),
        new TransposeElimination(),
        new TransposeToReshape(),
        new PadFusion(),
        new ActivationPatterns(),
        new BatchNormFolding(),
        new ActivationFusion(),
        new TreeInputFolding(),
        new Reordering(),
    ];

    /// <summary>Run once, at the end.</summary>
    public static IReadOnlyList<IGraphPass> Last { get; } = [new ScheduleForMemory()];

    /// <summary>Improves <paramref name="graph"/> in place.</summary>
    /// <param name="after">Called after each pass that changed something.</param>
    /// <returns>What the passes did, in order; passes without changes are left out.</returns>
    /// <exception cref="InputException">The graph is not sound.</exception>
    public static IReadOnlyList<PassResult> Run(Graph graph, Action<IGraphPass>? after = null)
    {
        if (graph.Nodes.Count > MostNodes)
        {
            throw new InputException($"the network has {graph.Nodes.Count} operators, of which at most {MostNodes} can be handled; use a smaller network");
        }

        graph.Sort();
        GraphValidator.Validate(graph);
        var log = new List<PassResult>();
        for (int round = 1; round <= MostRounds; round++)
        {
            if (!Run(graph, Rounds, round, log, after))
            {
                break;
            }
        }

        Run(graph, Last, log.Count == 0 ? 1 : log[^1].Round, log, after);
        GraphValidator.Validate(graph);
        return log;
    }

    private static bool Run(Graph graph, IReadOnlyList<IGraphPass> passes, int round, List<PassResult> log, Action<IGraphPass>? after)
    {
        bool changed = false;
        foreach (IGraphPass pass in passes)
        {
            int before = graph.Nodes.Count;
            int changes = pass.Apply(graph);
            if (changes > 0)
            {
                changed = true;
                log.Add(new PassResult(round, pass.Name, pass.Description, changes, before, graph.Nodes.Count));
                after?.Invoke(pass);
            }
        }

        return changed;
    }
}
