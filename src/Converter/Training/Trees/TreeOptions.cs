namespace TinyInference.Converter.Training.Trees;

/// <summary>How large a tree may become.</summary>
internal sealed record TreeOptions
{
    /// <summary>Questions on the longest way.</summary>
    public int Depth { get; init; } = 16;

    /// <summary>Samples in a leaf at least.</summary>
    public int LeafRows { get; init; } = 1;

    /// <summary>Features that are tried in a node, chosen by chance; 0 for all.</summary>
    public int FeaturesPerNode { get; init; }

    /// <summary>
    /// A part of the tree is cut off unless it lowers the impurity, as a part of that of one sample, by more than this for each leaf that it adds: minimal cost-complexity pruning,
    /// L. Breiman et al., "Classification and Regression Trees", 1984.
    /// </summary>
    public float Alpha { get; init; }

    public int Threads { get; init; } = 2;
}
