namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>One improvement of a graph that leaves what it computes as it is.</summary>
internal interface IGraphPass
{
    string Name { get; }

    /// <summary>One line for people: what the pass does.</summary>
    string Description { get; }

    /// <summary>Works on <paramref name="graph"/> in place; values that are no longer used may have been replaced by others.</summary>
    /// <returns>Number of changes; 0 where there was nothing to do.</returns>
    int Apply(Graph graph);
}
