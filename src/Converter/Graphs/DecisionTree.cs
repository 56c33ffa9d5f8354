namespace TinyInference.Converter.Graphs;

/// <summary>A node of a <see cref="DecisionTree"/>: a question, or a leaf.</summary>
/// <param name="Feature">What is asked for: an input; -1 at a leaf.</param>
/// <param name="Threshold">Inputs up to this, itself included, go left.</param>
/// <param name="Left">Index of the left child; at a leaf the row of its values.</param>
/// <param name="Right">Index of the right child.</param>
internal readonly record struct TreeNode(int Feature, float Threshold, int Left, int Right)
{
    public bool IsLeaf => Feature < 0;

    public static TreeNode Leaf(int row) => new(-1, 0, row, 0);
}

/// <summary>A tree of questions "is input f at most t?"; immutable. What the leaves give is added to the ensemble's outputs.</summary>
internal sealed class DecisionTree
{
    /// <summary>Levels at most: deeper ones tell nothing apart that a float could.</summary>
    public const int MostDepth = 512;

    /// <param name="output">The output that the leaves add to; -1 where each leaf has a value for every output.</param>
    /// <param name="nodes">The root first, children after their parents; each node but the root is the child of one.</param>
    /// <param name="values">[leaf rows, outputs], or [leaf rows] for one output.</param>
    public DecisionTree(int output, TreeNode[] nodes, float[] values)
    {
        Output = output;
        Nodes = nodes;
        Values = values;
        var depths = new int[nodes.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            TreeNode node = nodes[i];
            if (node.IsLeaf)
            {
                Leaves++;
                continue;
            }

            if (node.Left <= i || node.Right <= i || node.Left >= nodes.Length || node.Right >= nodes.Length)
            {
                throw new ArgumentException($"the children of node {i} are not among the nodes after it", nameof(nodes));
            }

            depths[node.Left] = depths[node.Right] = depths[i] + 1;
            Depth = Math.Max(Depth, depths[i] + 1);
        }

        if (Depth > MostDepth)
        {
            throw new InputException($"a tree has {Depth} levels; at most {MostDepth} are possible");
        }
    }

    public int Output { get; }

    public TreeNode[] Nodes { get; }

    public float[] Values { get; }

    public int Leaves { get; }

    /// <summary>Questions on the longest way; 0 for a leaf alone.</summary>
    public int Depth { get; }

    /// <summary>The row of the leaf that <paramref name="x"/> reaches. What is not a number goes right.</summary>
    public int Find(ReadOnlySpan<float> x)
    {
        TreeNode node = Nodes[0];
        while (!node.IsLeaf)
        {
            node = Nodes[x[node.Feature] <= node.Threshold ? node.Left : node.Right];
        }

        return node.Left;
    }

    /// <summary>The tree with other questions; leaves stay.</summary>
    public DecisionTree WithQuestions(Func<TreeNode, TreeNode> question) => new(Output, Array.ConvertAll(Nodes, n => n.IsLeaf ? n : question(n)), Values);

    /// <summary>The tree with other values at its leaves.</summary>
    public DecisionTree WithValues(Func<float, float> value) => new(Output, Nodes, Array.ConvertAll(Values, v => value(v)));
}
