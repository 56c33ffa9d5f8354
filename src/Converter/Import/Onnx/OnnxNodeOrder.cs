namespace TinyInference.Converter.Import.Onnx;

using TinyInference.Converter.Import.Onnx.Schema;

/// <summary>Which nodes the outputs need, each after those it reads.</summary>
internal sealed class OnnxNodeOrder
{
    private readonly GraphProto _graph;
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);

    /// <exception cref="InputException">Two nodes have an output of the same name.</exception>
    public OnnxNodeOrder(GraphProto graph)
    {
        _graph = graph;
        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output)
            {
                if (output.Length > 0 && !_producers.TryAdd(output, node))
                {
                    throw new InputException($"the name '{output}' stands for two tensors");
                }
            }
        }
    }

    /// <exception cref="InputException">The graph has a cycle.</exception>
    public List<NodeProto> Needed()
    {
        var sorted = new List<NodeProto>();
        // False while the node's inputs are being visited, true after. Messages compare by content, so identity is asked for.
        var done = new Dictionary<NodeProto, bool>(ReferenceEqualityComparer.Instance);
        var stack = new Stack<(NodeProto Node, bool Leave)>();
        foreach (ValueInfoProto output in _graph.Output)
        {
            Push(stack, done, output.Name);
            while (stack.TryPop(out (NodeProto Node, bool Leave) entry))
            {
                if (entry.Leave)
                {
                    done[entry.Node] = true;
                    sorted.Add(entry.Node);
                }
                else if (done.TryAdd(entry.Node, false))
                {
                    stack.Push((entry.Node, true));
                    for (int i = entry.Node.Input.Count - 1; i >= 0; i--)
                    {
                        Push(stack, done, entry.Node.Input[i]);
                    }
                }
            }
        }

        return sorted;
    }

    private void Push(Stack<(NodeProto Node, bool Leave)> stack, Dictionary<NodeProto, bool> done, string name)
    {
        if (!_producers.TryGetValue(name, out NodeProto? producer))
        {
            return;
        }

        if (!done.TryGetValue(producer, out bool finished))
        {
            stack.Push((producer, false));
        }
        else if (!finished)
        {
            throw new InputException($"the graph has a cycle through {producer.OpType} '{producer.Name}'");
        }
    }
}
