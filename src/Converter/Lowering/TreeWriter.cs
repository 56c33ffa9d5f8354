namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>The trees of an ensemble as the blob has them: one list of nodes in preorder, questions that are always answered alike left out.</summary>
internal sealed class TreeWriter
{
    private readonly TreeEnsemble _ensemble;
    private readonly Func<float, (int Value, bool? Always)> _thresholds;
    private readonly Dictionary<string, int> _rowIndices = [];
    private readonly bool _hasRows;
    private readonly double _scale;

    /// <param name="thresholds">The integer of a threshold, and where every input goes left (true) or right (false) that answer.</param>
    /// <param name="scale">Of the leaves' values.</param>
    public TreeWriter(TreeEnsemble ensemble, Func<float, (int Value, bool? Always)> thresholds, float scale)
    {
        _ensemble = ensemble;
        _thresholds = thresholds;
        _scale = scale;
        _hasRows = ensemble.Outputs > 1 && Array.Exists(ensemble.Trees, t => t.Output < 0);
        foreach (DecisionTree tree in ensemble.Trees)
        {
            Entries.Add(Nodes.Count | ((_hasRows ? 0 : Math.Max(0, tree.Output)) << Trees.RootBits));
            Add(tree, 0);
        }
    }

    /// <summary>A node: a question with the distance of its right child, or (distance 0) a leaf with its value or row.</summary>
    public readonly record struct Entry(int Feature, int Value, int Distance);

    /// <summary>One for each tree: first node and output.</summary>
    public List<int> Entries { get; } = [];

    public List<Entry> Nodes { get; } = [];

    /// <summary>Different rows of leaf values, each with one for every output; empty where leaves have one value.</summary>
    public List<int[]> Rows { get; } = [];

    private void Add(DecisionTree tree, int index)
    {
        TreeNode node = tree.Nodes[index];
        if (node.IsLeaf)
        {
            Nodes.Add(new Entry(0, _hasRows ? Row(tree, node.Left) : Integer(tree.Values[node.Left]), 0));
            return;
        }

        (int threshold, bool? always) = _thresholds(node.Threshold);
        if (always is { } left)
        {
            Add(tree, left ? node.Left : node.Right);
            return;
        }

        int at = Nodes.Count;
        Nodes.Add(default);
        Add(tree, node.Left);
        int distance = Nodes.Count - at;
        Add(tree, node.Right);
        if (distance == 2 && Nodes.Count == at + 3 && Nodes[at + 1] == Nodes[at + 2])
        {
            // Both answers lead to the same.
            Nodes[at] = Nodes[at + 1];
            Nodes.RemoveRange(at + 1, 2);
            return;
        }

        Nodes[at] = new Entry(node.Feature, threshold, distance);
    }

    private int Row(DecisionTree tree, int row)
    {
        var values = new int[_ensemble.Outputs];
        if (tree.Output >= 0)
        {
            values[tree.Output] = Integer(tree.Values[row]);
        }
        else
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = Integer(tree.Values[(row * values.Length) + i]);
            }
        }

        string key = string.Join(',', values);
        if (!_rowIndices.TryGetValue(key, out int index))
        {
            index = Rows.Count;
            _rowIndices.Add(key, index);
            Rows.Add(values);
        }

        return index;
    }

    private int Integer(float value) => (int)Math.Round(value / _scale);
}
