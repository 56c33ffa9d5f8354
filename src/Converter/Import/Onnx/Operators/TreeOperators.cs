namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>TreeEnsembleClassifier, TreeEnsembleRegressor (ai.onnx.ml 1 to 3) and TreeEnsemble (5).</summary>
internal static class TreeOperators
{
    private static readonly string[] s_modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];
    private static readonly string[] s_transforms = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"];

    public static Value[] Classifier(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = ClassScores.Features(node, builder);
        int classes = ClassScores.Labels(node, builder).Length;
        (OnnxTrees trees, List<(int Node, int Target, float Weight)> leaves) = Read(node, builder, "class");
        float[] start = Numbers(node, "base_values");
        string transform = node.Text("post_transform", "NONE");
        if (classes == 2 && leaves.Select(l => l.Target).Distinct().Count() == 1)
        {
            return ClassScores.Outputs(node, builder, TwoClasses(node, builder, x, trees, leaves, start, transform));
        }

        if (start.Length != 0 && start.Length != classes)
        {
            throw node.Fault($"it has {start.Length} base values for {classes} classes");
        }

        Value scores = Emit(node, builder, x, trees, leaves, start.Length == 0 ? new float[classes] : start, 1);
        return ClassScores.Outputs(node, builder, ClassScores.PostTransform(node, builder, transform, scores));
    }

    public static Value Regressor(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = ClassScores.Features(node, builder);
        int targets = Count(node, "n_targets");
        (OnnxTrees trees, List<(int Node, int Target, float Weight)> leaves) = Read(node, builder, "target");
        float[] start = Numbers(node, "base_values");
        string aggregate = node.Text("aggregate_function", "SUM");
        float factor = aggregate switch
        {
            "SUM" => 1,
            "AVERAGE" => 1f / trees.Roots.Count,
            _ => throw node.Unsupported($"its aggregate_function {aggregate}; SUM and AVERAGE are supported"),
        };
        Value scores = Emit(node, builder, x, trees, leaves, Fit(node, start, targets), factor);
        return ClassScores.PostTransform(node, builder, node.Text("post_transform", "NONE"), scores);
    }

    public static Value Ensemble(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = ClassScores.Features(node, builder);
        int targets = Count(node, "n_targets");
        long[] Longs(string name) => node.Ints(name) ?? throw node.Fault($"attribute '{name}' is missing");
        long[] features = Longs("nodes_featureids");
        long[] trueNodes = Longs("nodes_truenodeids");
        long[] falseNodes = Longs("nodes_falsenodeids");
        long[] trueLeafs = Longs("nodes_trueleafs");
        long[] falseLeafs = Longs("nodes_falseleafs");
        double[] splits = OnnxTrees.Doubles(node, "nodes_splits");
        double[] modes = OnnxTrees.Doubles(node, "nodes_modes");
        double[] weights = OnnxTrees.Doubles(node, "leaf_weights");
        long[] ids = Longs("leaf_targetids");
        int count = features.Length;
        if (new[] { trueNodes.Length, falseNodes.Length, trueLeafs.Length, falseLeafs.Length, splits.Length, modes.Length }.Any(n => n != count) || ids.Length != weights.Length)
        {
            throw node.Fault("its lists of nodes or of leaves differ in length");
        }

        // Leaves come behind the nodes.
        long Child(long[] nodes, long[] isLeaf, int i) => isLeaf[i] == 0 ? nodes[i] : nodes[i] >= 0 && nodes[i] < ids.Length ? count + nodes[i] : -1;
        var trees = new OnnxTrees(node, count + ids.Length);
        for (int i = 0; i < count; i++)
        {
            string mode = modes[i] is >= 0 and < 6 ? s_modes[(int)modes[i]] : throw node.Unsupported($"its node {i} has the mode {modes[i]}");
            trees.SetQuestion(i, mode, features[i], splits[i], Child(trueNodes, trueLeafs, i), Child(falseNodes, falseLeafs, i));
        }

        trees.Roots.AddRange(Longs("tree_roots").Select(r => r >= 0 && r < count ? (int)r : throw node.Fault($"its tree begins at node {r}, which is not there")));
        List<(int, int, float)> leaves = [.. ids.Select((id, i) => (count + i, (int)Math.Clamp(id, -1, int.MaxValue), (float)weights[i]))];
        float factor = node.Int("aggregate_function", 1) switch
        {
            0 => 1f / Math.Max(1, trees.Roots.Count),
            1 => 1,
            _ => throw node.Unsupported("its aggregate_function is neither the sum nor the average"),
        };
        long transform = node.Int("post_transform", 0);
        Value scores = Emit(node, builder, x, trees, leaves, new float[targets], factor);
        return ClassScores.PostTransform(node, builder, transform >= 0 && transform < s_transforms.Length ? s_transforms[transform] : $"{transform}", scores);
    }

    /// <summary>
    /// Two classes, but leaves that speak of one only: the second is chosen where the sum s is above 0.5 if no weight is negative, else above 0. The
    /// scores are 1 - s and s, or -s and s; with LOGISTIC they are the probabilities, which a softmax of 0 and s gives.
    /// </summary>
    private static Value TwoClasses(OnnxNode node, OnnxGraphBuilder builder, Value x, OnnxTrees trees, List<(int Node, int Target, float Weight)> leaves, float[] start, string transform)
    {
        float sum = start.Length == 0 ? 0 : start[^1];
        if (transform is "LOGISTIC" or "SOFTMAX")
        {
            bool isLogistic = transform == "LOGISTIC";
            return isLogistic
                ? ClassScores.PostTransform(node, builder, "SOFTMAX", Emit(node, builder, x, trees, [.. leaves.Select(l => (l.Node, 1, l.Weight))], [0, sum], 1))
                : throw node.Unsupported("SOFTMAX of one score");
        }

        bool isPositive = leaves.TrueForAll(l => l.Weight >= 0);
        List<(int, int, float)> both = [.. leaves.SelectMany(l => new[] { (l.Node, 0, -l.Weight), (l.Node, 1, l.Weight) })];
        return ClassScores.PostTransform(node, builder, transform, Emit(node, builder, x, trees, both, [(isPositive ? 1 : 0) - sum, sum], 1));
    }

    /// <summary>Nodes as versions 1 to 3 list them, and what the leaves give, under attributes that begin with <paramref name="role"/>.</summary>
    private static (OnnxTrees Trees, List<(int Node, int Target, float Weight)> Leaves) Read(OnnxNode node, OnnxGraphBuilder builder, string role)
    {
        string[] modes = node.Texts("nodes_modes") ?? throw node.Fault("it has no nodes");
        long[] Longs(string name, int count) => node.Ints(name) is { } values && values.Length == count ? values : throw node.Fault($"attribute '{name}' does not have {count} elements");
        int count = modes.Length;
        long[] treeIds = Longs("nodes_treeids", count);
        long[] nodeIds = Longs("nodes_nodeids", count);
        long[] features = Longs("nodes_featureids", count);
        long[] trueIds = Longs("nodes_truenodeids", count);
        long[] falseIds = Longs("nodes_falsenodeids", count);
        double[] values = OnnxTrees.Doubles(node, "nodes_values");
        if (values.Length != count)
        {
            throw node.Fault($"it has {values.Length} thresholds for {count} nodes");
        }

        var indices = new Dictionary<(long, long), int>();
        for (int i = 0; i < count; i++)
        {
            if (!indices.TryAdd((treeIds[i], nodeIds[i]), i))
            {
                throw node.Fault($"node {nodeIds[i]} of tree {treeIds[i]} is there twice");
            }
        }

        int Find(long tree, long id) => indices.GetValueOrDefault((tree, id), -1);
        var trees = new OnnxTrees(node, count);
        var children = new HashSet<int>();
        for (int i = 0; i < count; i++)
        {
            if (modes[i] != "LEAF")
            {
                (int yes, int no) = (Find(treeIds[i], trueIds[i]), Find(treeIds[i], falseIds[i]));
                children.UnionWith([yes, no]);
                trees.SetQuestion(i, modes[i], features[i], values[i], yes, no);
            }
        }

        foreach (IGrouping<long, int> tree in Enumerable.Range(0, count).GroupBy(i => treeIds[i]))
        {
            // The root is nobody's child; a leaf is one only where it is alone.
            int root = tree.Where(i => !children.Contains(i) && (modes[i] != "LEAF" || tree.All(n => modes[n] == "LEAF"))).DefaultIfEmpty(-1).First();
            trees.Roots.Add(root >= 0 ? root : throw node.Fault($"tree {tree.Key} has no root: its nodes are in a circle"));
        }

        if (node.Ints("nodes_missing_value_tracks_true") is { } missing && missing.Any(m => m != 0))
        {
            builder.Warnings.Add($"{node}: missing values (NaN) go left at some of its nodes; here they always go right");
        }

        string idName = role == "class" ? "class_ids" : "target_ids";
        long[] targets = node.Ints(idName) ?? [];
        long[] leafTrees = Longs($"{role}_treeids", targets.Length);
        long[] leafNodes = Longs($"{role}_nodeids", targets.Length);
        double[] weights = OnnxTrees.Doubles(node, $"{role}_weights");
        if (weights.Length != targets.Length)
        {
            throw node.Fault($"it has {weights.Length} weights for {targets.Length} leaves");
        }

        return (trees, [.. targets.Select((t, i) => (Find(leafTrees[i], leafNodes[i]), (int)Math.Clamp(t, -1, int.MaxValue), (float)weights[i]))]);
    }

    private static Value Emit(OnnxNode node, OnnxGraphBuilder builder, Value x, OnnxTrees trees, List<(int Node, int Target, float Weight)> leaves, float[] start, float factor)
    {
        TreeEnsemble ensemble = trees.Build(x.Shape[1], start, leaves, factor);
        return builder.Emit(node, ensemble, new TensorType(ElementType.Float32, new Shape(x.Shape[0], start.Length)), x);
    }

    private static float[] Fit(OnnxNode node, float[] start, int targets) => start.Length == targets ? start
        : start.Length == 0 ? new float[targets]
        : throw node.Fault($"it has {start.Length} base values for {targets} targets");

    private static float[] Numbers(OnnxNode node, string attribute) => Array.ConvertAll(OnnxTrees.Doubles(node, attribute), d => (float)d);

    private static int Count(OnnxNode node, string attribute) =>
        node.Int(attribute, 1) is > 0 and <= 1 << 16 and var count ? (int)count : throw node.Fault($"attribute '{attribute}' is not a number from 1 to {1 << 16}");
}
