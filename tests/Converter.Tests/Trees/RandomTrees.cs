namespace Converter.Tests.Trees;

using TinyInference.Converter.Graphs;

/// <summary>Ensembles of random trees, as graphs of one operator.</summary>
internal static class RandomTrees
{
    public static TreeEnsemble Ensemble(Random random, int features, int outputs, int trees, bool perOutput, float range = 10) => new(
        features,
        [.. Enumerable.Range(0, outputs).Select(_ => random.NextSingle())],
        [.. Enumerable.Range(0, trees).Select(_ => Tree(random, features, outputs, perOutput, range))]);

    public static Graph Graph(TreeEnsemble ensemble)
    {
        var graph = new Graph { Name = "trees" };
        var x = new Value("x", ElementType.Float32, new Shape(1, ensemble.Features));
        var y = new Value("y", ElementType.Float32, new Shape(1, ensemble.Outputs));
        graph.Inputs.Add(x);
        graph.Outputs.Add(y);
        graph.Nodes.Add(new Node("trees", ensemble, [x], [y]));
        return graph;
    }

    public static float[] Input(Random random, int features, float range = 10) => [.. Enumerable.Range(0, features).Select(_ => (random.NextSingle() - 0.5f) * 2.2f * range)];

    private static DecisionTree Tree(Random random, int features, int outputs, bool perOutput, float range)
    {
        var nodes = new List<TreeNode>();
        int leaves = 0;
        void Add(int depth)
        {
            int at = nodes.Count;
            if (depth == 0 || random.Next(6) == 0)
            {
                nodes.Add(TreeNode.Leaf(leaves++));
                return;
            }

            nodes.Add(default);
            Add(depth - 1);
            int right = nodes.Count;
            Add(depth - 1);
            nodes[at] = new TreeNode(random.Next(features), (random.NextSingle() - 0.5f) * 2 * range, at + 1, right);
        }

        Add(random.Next(0, 7));
        int width = perOutput ? outputs : 1;
        return new DecisionTree(perOutput && outputs > 1 ? -1 : random.Next(perOutput ? 1 : outputs), [.. nodes], [.. Enumerable.Range(0, leaves * width).Select(_ => random.NextSingle() - 0.3f)]);
    }
}
