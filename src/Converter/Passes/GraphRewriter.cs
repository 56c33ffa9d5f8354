namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>Questions about a graph that is being changed, and the changes that passes make of it.</summary>
internal sealed class GraphRewriter(Graph graph)
{
    private static readonly Node[] s_none = [];
    private Dictionary<Value, Node>? _producers;
    private Dictionary<Value, List<Node>>? _consumers;
    private HashSet<Node>? _nodes;

    public Graph Graph => graph;

    public bool Contains(Node node) => (_nodes ??= [.. graph.Nodes]).Contains(node);

    /// <summary>Who makes <paramref name="value"/>; null for inputs, constants and absent operands.</summary>
    public Node? Producer(Value? value) => value is null ? null : (_producers ??= graph.Producers()).GetValueOrDefault(value);

    /// <summary>Who reads <paramref name="value"/>, once for each time it is read.</summary>
    public IReadOnlyList<Node> Consumers(Value value)
    {
        if (_consumers is null)
        {
            _consumers = [];
            foreach (Node node in graph.Nodes)
            {
                foreach (Value input in node.Inputs.OfType<Value>())
                {
                    if (!_consumers.TryGetValue(input, out List<Node>? readers))
                    {
                        _consumers.Add(input, readers = []);
                    }

                    readers.Add(node);
                }
            }
        }

        return _consumers.TryGetValue(value, out List<Node>? found) ? found : s_none;
    }

    public bool IsOutput(Value value) => graph.Outputs.Contains(value);

    public bool IsInput(Value value) => graph.Inputs.Contains(value);

    /// <summary>The one node that reads <paramref name="value"/>, once; null if there are more, none, or the graph gives it out.</summary>
    public Node? OnlyConsumer(Value value) => Consumers(value) is [var only] && !IsOutput(value) ? only : null;

    /// <summary>The node that makes <paramref name="value"/> for one reader alone; null if there is no such node.</summary>
    public Node? PrivateProducer(Value? value) => value is not null && OnlyConsumer(value) is not null ? Producer(value) : null;

    public void SetInput(Node node, int index, Value? value)
    {
        node.Inputs[index] = value;
        Forget();
    }

    public void SetOutput(Node node, Value value)
    {
        node.Outputs[0] = value;
        Forget();
    }

    /// <summary>Puts <paramref name="node"/> into the order just before <paramref name="position"/>.</summary>
    public void InsertBefore(Node position, Node node)
    {
        graph.Nodes.Insert(graph.Nodes.IndexOf(position), node);
        Forget();
    }

    /// <summary>Puts <paramref name="node"/> into the order just after <paramref name="position"/>.</summary>
    public void InsertAfter(Node position, Node node)
    {
        graph.Nodes.Insert(graph.Nodes.IndexOf(position) + 1, node);
        Forget();
    }

    /// <summary>Puts <paramref name="replacement"/> where <paramref name="node"/> was.</summary>
    public void Replace(Node node, Node replacement)
    {
        graph.Nodes[graph.Nodes.IndexOf(node)] = replacement;
        Forget();
    }

    public void Remove(Node node)
    {
        graph.Nodes.Remove(node);
        Forget();
    }

    public void ReplaceUses(Value old, Value replacement)
    {
        graph.ReplaceUses(old, replacement);
        Forget();
    }

    /// <summary>To be called after a change that did not go through this object.</summary>
    public void Forget()
    {
        _producers = null;
        _consumers = null;
        _nodes = null;
    }

    /// <summary>A new value like <paramref name="model"/> (element type, quantization), under another shape.</summary>
    public Value NewValue(Value model, Shape shape) =>
        new(graph.UniqueName(model.Name), model.Type, shape) { Quantization = model.Quantization };

    public Value NewConstant(string wish, Tensor tensor, QuantizationParameters? quantization = null) =>
        new(graph.UniqueName(wish), tensor) { Quantization = quantization };

    /// <summary>
    /// Takes <paramref name="node"/> out; who read its output reads <paramref name="replacement"/>. A graph output keeps its name.
    /// </summary>
    /// <returns>False, with nothing changed, where the output of the graph would become one of its inputs or a constant.</returns>
    public bool Bypass(Node node, Value replacement)
    {
        Value output = node.Output;
        if (IsOutput(output))
        {
            if (Producer(replacement) is null || IsOutput(replacement))
            {
                return false;
            }

            replacement.Name = output.Name;
        }

        graph.Nodes.Remove(node);
        ReplaceUses(output, replacement);
        return true;
    }

    /// <summary>Lets <paramref name="producer"/> make what <paramref name="follower"/>, its only consumer, made.</summary>
    public void Absorb(Node producer, Node follower)
    {
        producer.Outputs[0] = follower.Output;
        graph.Nodes.Remove(follower);
        Forget();
    }

    /// <summary>Removes nodes of which nothing reaches an output of the graph.</summary>
    /// <returns>How many there were.</returns>
    public int RemoveDeadNodes()
    {
        var live = new HashSet<Value>(graph.Outputs);
        var kept = new List<Node>(graph.Nodes.Count);
        for (int i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            Node node = graph.Nodes[i];
            if (node.Outputs.Any(live.Contains))
            {
                kept.Add(node);
                live.UnionWith(node.Inputs.OfType<Value>());
            }
        }

        int removed = graph.Nodes.Count - kept.Count;
        if (removed > 0)
        {
            kept.Reverse();
            graph.Nodes.Clear();
            graph.Nodes.AddRange(kept);
            Forget();
        }

        return removed;
    }
}
