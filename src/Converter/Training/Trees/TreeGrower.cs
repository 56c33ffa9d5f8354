using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Trees;

/// <summary>Grows one tree: the best split of each node, greedily, until a limit is met; then cuts off what does not pay.</summary>
internal sealed class TreeGrower(Criterion criterion, TreeOptions options, SplitMix random)
{
    /// <summary>Numbers looked at in a node below which a second thread costs more than it gives.</summary>
    private const long FewNumbers = 20_000;

    private readonly List<Grown> _nodes = [];
    private readonly List<float> _values = [];
    private int[] _rows = [];
    private int[] _spare = [];

    /// <param name="rows">The samples to learn from; one may be there several times. Their order is changed.</param>
    /// <param name="output">What the tree adds to; -1 for all.</param>
    /// <param name="leaf">Told the samples of each leaf and its values; null for nobody.</param>
    public DecisionTree Grow(int[] rows, int output, LeafObserver? leaf = null)
    {
        _nodes.Clear();
        _values.Clear();
        _rows = rows;
        _spare = new int[rows.Length];
        Add(0, rows.Length, 0);
        Prune(0);
        var nodes = new List<TreeNode>();
        Write(0, nodes, leaf);
        return new DecisionTree(output, [.. nodes], [.. _values]);
    }

    /// <param name="rows">Samples of the leaf.</param>
    /// <param name="values">What it gives.</param>
    public delegate void LeafObserver(ReadOnlySpan<int> rows, ReadOnlySpan<float> values);

    /// <summary>A node of samples from Start to End; Left is -1 at a leaf.</summary>
    private record struct Grown(int Start, int End, Split Split, int Left, int Right);

    private int Add(int start, int end, int depth)
    {
        int index = _nodes.Count;
        Split split = depth < options.Depth ? Best(_rows.AsSpan(start, end - start)) : Split.None;
        _nodes.Add(new Grown(start, end, split, -1, -1));
        if (split.Feature >= 0)
        {
            int middle = Part(start, end, split);
            int left = Add(start, middle, depth + 1);
            int right = Add(middle, end, depth + 1);
            _nodes[index] = _nodes[index] with { Left = left, Right = right };
        }

        return index;
    }

    private Split Best(ReadOnlySpan<int> rows)
    {
        int features = criterion.Table.Features;
        if (options.FeaturesPerNode > 0 && options.FeaturesPerNode < features)
        {
            return BestOfSome(rows, features);
        }

        var splits = new Split[features];
        if (options.Threads < 2 || (long)rows.Length * features < FewNumbers)
        {
            for (int f = 0; f < features; f++)
            {
                splits[f] = criterion.Best(f, rows, options.LeafRows);
            }
        }
        else
        {
            int[] shared = rows.ToArray();
            Parallel.For(0, features, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, f => splits[f] = criterion.Best(f, shared, options.LeafRows));
        }

        return splits.Aggregate(Split.None, Better);
    }

    /// <summary>Features in an order of chance: as many as are asked for, and further ones until one can part the samples.</summary>
    private Split BestOfSome(ReadOnlySpan<int> rows, int features)
    {
        int[] order = [.. Enumerable.Range(0, features)];
        random.Shuffle(order);
        Split best = Split.None;
        for (int i = 0; i < features && (i < options.FeaturesPerNode || best.Feature < 0); i++)
        {
            best = Better(best, criterion.Best(order[i], rows, options.LeafRows));
        }

        return best;
    }

    private static Split Better(Split a, Split b) => b.Feature >= 0 && (a.Feature < 0 || b.Gain > a.Gain) ? b : a;

    /// <summary>Brings those that go left to the front, in their order.</summary>
    private int Part(int start, int end, Split split)
    {
        ReadOnlySpan<ushort> bins = criterion.Table.Bins(split.Feature);
        int left = start;
        int right = 0;
        for (int i = start; i < end; i++)
        {
            int row = _rows[i];
            if (bins[row] <= split.Left)
            {
                _rows[left++] = row;
            }
            else
            {
                _spare[right++] = row;
            }
        }

        Array.Copy(_spare, 0, _rows, left, right);
        return left;
    }

    /// <returns>What the part below lowers the impurity by, and its leaves.</returns>
    private (double Gain, int Leaves) Prune(int index)
    {
        Grown node = _nodes[index];
        if (node.Left < 0)
        {
            return (0, 1);
        }

        (double leftGain, int leftLeaves) = Prune(node.Left);
        (double rightGain, int rightLeaves) = Prune(node.Right);
        double gain = node.Split.Gain + leftGain + rightGain;
        int leaves = leftLeaves + rightLeaves;
        if (options.Alpha > 0 && gain <= (double)options.Alpha * _rows.Length * (leaves - 1))
        {
            _nodes[index] = node with { Left = -1 };
            return (0, 1);
        }

        return (gain, leaves);
    }

    private void Write(int index, List<TreeNode> nodes, LeafObserver? leaf)
    {
        Grown node = _nodes[index];
        if (node.Left < 0)
        {
            ReadOnlySpan<int> rows = _rows.AsSpan(node.Start, node.End - node.Start);
            Span<float> values = stackalloc float[criterion.LeafWidth];
            criterion.WriteLeaf(rows, values);
            leaf?.Invoke(rows, values);
            nodes.Add(TreeNode.Leaf(_values.Count / criterion.LeafWidth));
            _values.AddRange(values);
            return;
        }

        int at = nodes.Count;
        nodes.Add(default);
        Write(node.Left, nodes, leaf);
        int right = nodes.Count;
        Write(node.Right, nodes, leaf);
        nodes[at] = new TreeNode(node.Split.Feature, node.Split.Threshold, at + 1, right);
    }
}
