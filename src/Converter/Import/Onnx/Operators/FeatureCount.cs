namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Import.Onnx.Schema;

/// <summary>How many numbers an input has whose file does not say so, from the operators of ai.onnx.ml that read it.</summary>
internal static class FeatureCount
{
    /// <returns>0 where nothing tells.</returns>
    public static int Of(GraphProto graph, string input)
    {
        // Names that stand for the input, through operators that keep its shape.
        HashSet<string> same = [input];
        foreach (NodeProto node in graph.Node.Where(n => n.OpType is "Cast" or "Identity" or "Scaler" && n.Input.Count > 0 && n.Output.Count > 0))
        {
            if (same.Contains(node.Input[0]))
            {
                same.Add(node.Output[0]);
            }
        }

        return graph.Node.Where(n => n.Input.Count > 0 && same.Contains(n.Input[0])).Select(Needs).DefaultIfEmpty(0).Max();
    }

    private static int Needs(NodeProto node)
    {
        long count = node.OpType switch
        {
            "TreeEnsembleClassifier" or "TreeEnsembleRegressor" or "TreeEnsemble" => (Find(node, "nodes_featureids")?.Ints.DefaultIfEmpty(-1).Max() ?? -1) + 1,
            "LinearClassifier" or "LinearRegressor" => (Find(node, "coefficients")?.Floats.Count ?? 0) / Math.Max(1, Find(node, "intercepts")?.Floats.Count ?? 1),
            "Scaler" => Find(node, "offset")?.Floats.Count ?? 0,
            _ => 0,
        };
        return count is > 0 and <= OnnxGraphBuilder.MaxElements ? (int)count : 0;
    }

    private static AttributeProto? Find(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);
}
