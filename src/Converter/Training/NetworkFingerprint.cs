using System.Text;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training;

/// <summary>A number that tells networks apart by what they are made of; their weights do not matter.</summary>
internal static class NetworkFingerprint
{
    public static uint Of(Graph graph)
    {
        var text = new StringBuilder();
        foreach (Value input in graph.Inputs)
        {
            text.Append(input.Shape).Append('\n');
        }

        foreach (Node node in graph.Nodes)
        {
            text.Append(node.Operator.Kind).Append(' ').AppendJoin(' ', node.Inputs.Select(v => v?.Shape)).Append(' ').Append(node.Output.Shape).Append('\n');
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        var crc = new Crc32();
        crc.Add(bytes, 0, bytes.Length);
        return crc.Value;
    }
}
