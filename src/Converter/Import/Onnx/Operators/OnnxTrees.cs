using System.Runtime.InteropServices;

namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Schema;

/// <summary>Trees as a file has them, with questions of six kinds, made into those of "at most" alone. Each kind gives exactly the same decisions.</summary>
internal sealed class OnnxTrees(OnnxNode node, int count)
{
    /// <summary>Nodes at most, those that several others share counted for each.</summary>
    private const int MostNodes = 1 << 20;

    private const int Double = 11;

    private OnnxNode Node => node;

    private readonly (string Mode, int Feature, double Value, int Yes, int No)?[] _questions = new (string, int, double, int, int)?[count];

    /// <summary>The first node of each tree.</summary>
    public List<int> Roots { get; } = [];

    /// <summary>The numbers of an attribute, as a list of floats or (with "_as_tensor" behind its name, too) as a tensor; none where it is absent.</summary>
    public static double[] Doubles(OnnxNode node, string attribute)
    {
        TensorProto? tensor = node.Has(attribute + "_as_tensor") ? node.Tensor(attribute + "_as_tensor") : null;
        if (tensor is null && node.Has(attribute) && attribute is "nodes_splits" or "nodes_modes" or "leaf_weights")
        {
            tensor = node.Tensor(attribute);
        }

        if (tensor is null)
        {
            return Array.ConvertAll(node.Floats(attribute) ?? [], f => (double)f);
        }

        if (tensor.DataType == Double)
        {
            return tensor.HasRawData ? MemoryMarshal.Cast<byte, double>(tensor.RawData.Span[..(tensor.RawData.Length & ~7)]).ToArray() : [.. tensor.DoubleData];
        }

        return Array.ConvertAll(new OnnxTensorReader(null).Read(tensor, attribute).ToFloats(), f => (double)f);
    }

    /// <summary>Node <paramref name="index"/> asks; nodes that never do are leaves.</summary>
    /// <param name="yes">Where to go if so; an index that is not there is refused when the trees are built.</param>
    public void SetQuestion(int index, string mode, long feature, double value, long yes, long no)
    {
        if (double.IsNaN(value))
        {
            throw node.Fault($"the threshold of node {index} is not a number");
        }

        _questions[index] = (mode, (int)Math.Clamp(feature, -1, int.MaxValue), value, (int)Math.Clamp(yes, -1, int.MaxValue), (int)Math.Clamp(no, -1, int.MaxValue));
    }

    /// <param name="start">What the outputs begin with.</param>
    /// <param name="leaves">What nodes without a question add to which output.</param>
    /// <param name="factor">Of all that leaves add.</param>
    public TreeEnsemble Build(int features, float[] start, List<(int Node, int Target, float Weight)> leaves, float factor)
    {
        if (Roots.Count == 0)
        {
            throw node.Fault("it has no trees");
        }

        foreach ((_, int target, float weight) in leaves)
        {
            if (target < 0 || target >= start.Length || !float.IsFinite(weight))
            {
                throw node.Fault($"a leaf adds {weight} to output {target} of {start.Length}");
            }
        }

        ILookup<int, (int Target, float Weight)> given = leaves.ToLookup(l => l.Node, l => (l.Target, l.Weight * factor));
        int left = MostNodes;
        return new TreeEnsemble(features, start, [.. Roots.Select(root =>
        {
            var builder = new Builder(this, features, start.Length, given, left);
            DecisionTree tree = builder.Build(root);
            left -= tree.Nodes.Length;
            return tree;
        })]);
    }

    /// <summary>The greatest float that is at most <paramref name="value"/>, or with <paramref name="below"/> less than it.</summary>
    private static float Floor(double value, bool below)
    {
        float nearest = (float)value;
        return nearest > value || (below && nearest == value) ? MathF.BitDecrement(nearest) : nearest;
    }

    /// <summary>One tree, node after node in preorder.</summary>
    private sealed class Builder(OnnxTrees source, int features, int outputs, ILookup<int, (int Target, float Weight)> given, int mostNodes)
    {
        private readonly List<TreeNode> _nodes = [];
        private readonly List<(int Target, float Weight)[]> _leaves = [];

        public DecisionTree Build(int root)
        {
            Add(root, 0);
            int only = _leaves.SelectMany(l => l).Select(l => l.Target).Distinct().Take(2).ToArray() is [var target] ? target : _leaves.TrueForAll(l => l.Length == 0) ? 0 : -1;
            int width = only >= 0 ? 1 : outputs;
            if ((long)_leaves.Count * width > MostNodes * 4L)
            {
                throw source.Node.Fault($"a tree has {_leaves.Count} leaves with {width} values each, which is too much");
            }

            var values = new float[_leaves.Count * width];
            for (int i = 0; i < _leaves.Count; i++)
            {
                foreach ((int output, float weight) in _leaves[i])
                {
                    values[(i * width) + (only >= 0 ? 0 : output)] += weight;
                }
            }

            return new DecisionTree(only, [.. _nodes], values);
        }

        private void Add(int index, int depth)
        {
            if (index < 0 || index >= source._questions.Length)
            {
                throw source.Node.Fault("a node has a child that is not there");
            }

            if (depth > DecisionTree.MostDepth || _nodes.Count >= mostNodes)
            {
                throw source.Node.Fault(depth > DecisionTree.MostDepth ? $"a tree has more than {DecisionTree.MostDepth} levels, or is a circle" : $"it has more than {MostNodes} nodes");
            }

            if (source._questions[index] is not { } question)
            {
                _nodes.Add(TreeNode.Leaf(_leaves.Count));
                _leaves.Add([.. given[index]]);
                return;
            }

            if (question.Feature < 0 || question.Feature >= features)
            {
                throw source.Node.Fault($"it asks for feature {question.Feature} of {features}");
            }

            (int yes, int no) = (question.Yes, question.No);
            switch (question.Mode)
            {
                case "BRANCH_LEQ":
                    Ask(question, false, () => Add(yes, depth + 1), () => Add(no, depth + 1));
                    break;
                case "BRANCH_LT":
                    Ask(question, true, () => Add(yes, depth + 1), () => Add(no, depth + 1));
                    break;
                case "BRANCH_GTE":
                    Ask(question, true, () => Add(no, depth + 1), () => Add(yes, depth + 1));
                    break;
                case "BRANCH_GT":
                    Ask(question, false, () => Add(no, depth + 1), () => Add(yes, depth + 1));
                    break;
                case "BRANCH_EQ":
                    Between(question, yes, no, depth);
                    break;
                case "BRANCH_NEQ":
                    Between(question, no, yes, depth);
                    break;
                default:
                    throw source.Node.Unsupported($"its nodes of mode {question.Mode}");
            }
        }

        /// <summary>Neither more nor less: two questions.</summary>
        private void Between((string Mode, int Feature, double Value, int Yes, int No) question, int equal, int other, int depth) =>
            Ask(question, false, () => Ask(question, true, () => Add(other, depth + 2), () => Add(equal, depth + 2)), () => Add(other, depth + 1));

        private void Ask((string Mode, int Feature, double Value, int Yes, int No) question, bool below, Action left, Action right)
        {
            int at = _nodes.Count;
            _nodes.Add(default);
            left();
            int second = _nodes.Count;
            right();
            _nodes[at] = new TreeNode(question.Feature, Floor(question.Value, below), at + 1, second);
        }
    }
}
