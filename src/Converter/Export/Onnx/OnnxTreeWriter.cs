using System.Text;
using Google.Protobuf;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Schema;

namespace TinyInference.Converter.Export.Onnx;

/// <summary>Writes a tree ensemble as a TreeEnsembleRegressor with a target for each output: its sums are the scores as they are.</summary>
internal static class OnnxTreeWriter
{
    public const string Domain = "ai.onnx.ml";
    public const int DomainVersion = 3;

    private const int IntsAttribute = 7;

    public static NodeProto Write(Node node, TreeEnsemble ensemble)
    {
        var proto = new NodeProto { Name = node.Name, OpType = "TreeEnsembleRegressor", Domain = Domain };
        proto.Input.Add(node.Input(0).Name);
        proto.Output.Add(node.Output.Name);
        (int Tree, int Index, TreeNode Node)[] nodes = [.. ensemble.Trees.SelectMany((t, i) => t.Nodes.Select((n, j) => (i, j, n)))];
        (int Tree, int Index, int Output, float Value)[] leaves = [.. nodes.Where(n => n.Node.IsLeaf).SelectMany(n => Values(ensemble, n.Tree, n.Node.Left).Select(v => (n.Tree, n.Index, v.Output, v.Value)))];
        proto.Attribute.Add(Ints("nodes_treeids", nodes.Select(n => (long)n.Tree)));
        proto.Attribute.Add(Ints("nodes_nodeids", nodes.Select(n => (long)n.Index)));
        proto.Attribute.Add(Ints("nodes_featureids", nodes.Select(n => (long)Math.Max(0, n.Node.Feature))));
        proto.Attribute.Add(OnnxAttributes.Floats("nodes_values", nodes.Select(n => n.Node.Threshold)));
        proto.Attribute.Add(OnnxAttributes.Words("nodes_modes", nodes.Select(n => n.Node.IsLeaf ? "LEAF" : "BRANCH_LEQ")));
        proto.Attribute.Add(Ints("nodes_truenodeids", nodes.Select(n => n.Node.IsLeaf ? 0L : n.Node.Left)));
        proto.Attribute.Add(Ints("nodes_falsenodeids", nodes.Select(n => n.Node.IsLeaf ? 0L : n.Node.Right)));
        proto.Attribute.Add(Ints("target_treeids", leaves.Select(l => (long)l.Tree)));
        proto.Attribute.Add(Ints("target_nodeids", leaves.Select(l => (long)l.Index)));
        proto.Attribute.Add(Ints("target_ids", leaves.Select(l => (long)l.Output)));
        proto.Attribute.Add(OnnxAttributes.Floats("target_weights", leaves.Select(l => l.Value)));
        proto.Attribute.Add(OnnxAttributes.Floats("base_values", ensemble.Base));
        proto.Attribute.Add(new AttributeProto { Name = "n_targets", Type = 2, I = ensemble.Outputs });
        proto.Attribute.Add(new AttributeProto { Name = "post_transform", Type = 3, S = ByteString.CopyFrom("NONE", Encoding.UTF8) });
        return proto;
    }

    /// <summary>What a leaf adds, zeros left out unless there is nothing else.</summary>
    private static (int Output, float Value)[] Values(TreeEnsemble ensemble, int tree, int row)
    {
        DecisionTree t = ensemble.Trees[tree];
        if (t.Output >= 0)
        {
            return [(t.Output, t.Values[row])];
        }

        (int Output, float Value)[] all = [.. Enumerable.Range(0, ensemble.Outputs).Select(i => (i, t.Values[(row * ensemble.Outputs) + i]))];
        (int Output, float Value)[] some = [.. all.Where(v => v.Value != 0)];
        return some.Length > 0 ? some : all[..1];
    }

    private static AttributeProto Ints(string name, IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = IntsAttribute };
        attribute.Ints.AddRange(values);
        return attribute;
    }
}
