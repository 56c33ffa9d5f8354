namespace TinyInference.Converter.Graphs;

/// <summary>x [...,Features] to [...,outputs]: what each output begins with, and what the leaves that x reaches add to it, tree after tree.</summary>
/// <param name="Base">What the outputs begin with.</param>
internal sealed record TreeEnsemble(int Features, float[] Base, DecisionTree[] Trees) : Operator
{
    public int Outputs => Base.Length;

    public int NodeCount => Trees.Sum(t => t.Nodes.Length);

    public int LeafCount => Trees.Sum(t => t.Leaves);

    public int Depth => Trees.Max(t => t.Depth);

    /// <summary>"20 trees, 1234 nodes, depth 8".</summary>
    public string Summary => FormattableString.Invariant($"{Trees.Length} tree{(Trees.Length == 1 ? "" : "s")}, {NodeCount} nodes, depth {Depth}");

    /// <summary>The outputs for one input.</summary>
    /// <param name="x">[Features].</param>
    /// <param name="y">[Outputs].</param>
    public void Predict(ReadOnlySpan<float> x, Span<float> y)
    {
        Base.CopyTo(y);
        foreach (DecisionTree tree in Trees)
        {
            int row = tree.Find(x);
            if (tree.Output >= 0)
            {
                y[tree.Output] += tree.Values[row];
                continue;
            }

            for (int i = 0; i < y.Length; i++)
            {
                y[i] += tree.Values[(row * y.Length) + i];
            }
        }
    }
}
