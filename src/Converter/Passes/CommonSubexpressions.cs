using System.Runtime.InteropServices;

namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>Computes once what is computed several times; constants of equal content become one.</summary>
internal sealed class CommonSubexpressions : IGraphPass
{
    public string Name => nameof(CommonSubexpressions);

    public string Description => "computes once what is computed several times from the same inputs";

    public int Apply(Graph graph)
    {
        int changes = MergeConstants(graph);
        var seen = new Dictionary<string, Node>(StringComparer.Ordinal);
        var ids = new Dictionary<Value, int>();
        var rewriter = new GraphRewriter(graph);
        foreach (Node node in graph.Nodes.ToArray())
        {
            string key = Key(node, ids);
            if (!seen.TryGetValue(key, out Node? same))
            {
                seen.Add(key, node);
            }
            else if (node.Outputs.Count == 1 && rewriter.Bypass(node, same.Output))
            {
                changes++;
            }
        }

        return changes;
    }

    private static string Key(Node node, Dictionary<Value, int> ids)
    {
        string inputs = string.Join(',', node.Inputs.Select(v => v is null ? -1 : Id(v, ids)));
        string outputs = string.Join(',', node.Outputs.Select(v => $"{v.Type} {v.Shape} {Quantization(v.Quantization)}"));
        return $"{OperatorText.Of(node.Operator)} {inputs} {outputs}";
    }

    private static int Id(Value value, Dictionary<Value, int> ids)
    {
        if (!ids.TryGetValue(value, out int id))
        {
            ids.Add(value, id = ids.Count);
        }

        return id;
    }

    private static string Quantization(QuantizationParameters? quantization) => quantization is null
        ? ""
        : $"{quantization.Axis} {string.Join(',', quantization.Scales.Select(BitConverter.SingleToInt32Bits))} {string.Join(',', quantization.ZeroPoints)}";

    private static int MergeConstants(Graph graph)
    {
        int changes = 0;
        var groups = graph.Values()
            .Where(v => v.IsConstant && !graph.Outputs.Contains(v))
            .GroupBy(v => (v.Type, v.Shape, Quantization(v.Quantization), Hash(v.Constant!)));
        foreach (var group in groups.Select(g => g.ToArray()).Where(g => g.Length > 1).ToArray())
        {
            for (int i = 1; i < group.Length; i++)
            {
                if (Bytes(group[0].Constant!).SequenceEqual(Bytes(group[i].Constant!)))
                {
                    graph.ReplaceUses(group[i], group[0]);
                    changes++;
                }
            }
        }

        return changes;
    }

    private static int Hash(Tensor tensor)
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes(tensor));
        return hash.ToHashCode();
    }

    private static ReadOnlySpan<byte> Bytes(Tensor tensor) => tensor.Data.Length == 0 ? [] : MemoryMarshal.CreateReadOnlySpan(
        ref MemoryMarshal.GetArrayDataReference(tensor.Data), Buffer.ByteLength(tensor.Data));
}
