namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Questions about a graph that is being changed, and the changes that passes make of it. While a rewriter is at work, inputs,
/// outputs and nodes are changed through it alone, so that it need not look at the whole graph after each change.
/// </summary>
internal sealed class GraphRewriter
{
    private static readonly Node[] s_none = [];
    private readonly Graph _graph;
    private readonly Dictionary<Value, Node> _producers = [];
    private readonly Dictionary<Value, List<Node>> _consumers = [];
    private readonly HashSet<Node> _nodes = [];
    private readonly Queue<Node> _suspects = [];
    private HashSet<string>? _names;

    public GraphRewriter(Graph graph)
    {
        _graph = graph;
        foreach (Node node in graph.Nodes)
        {
            Add(node);
        }
    }

    public Graph Graph => _graph;

    public bool Contains(Node node) => _nodes.Contains(node);

    /// <summary>Who makes <paramref name="value"/>; null for inputs, constants and absent operands.</summary>
    public Node? Producer(Value? value) => value is null ? null : _producers.GetValueOrDefault(value);

    /// <summary>Who reads <paramref name="value"/>, once for each time it is read.</summary>
    public IReadOnlyList<Node> Consumers(Value value) => _consumers.TryGetValue(value, out List<Node>? found) ? found : s_none;

    public bool IsOutput(Value value) => _graph.Outputs.Contains(value);

    public bool IsInput(Value value) => _graph.Inputs.Contains(value);

    /// <summary>The one node that reads <paramref name="value"/>, once; null if there are more, none, or the graph gives it out.</summary>
    public Node? OnlyConsumer(Value value) => Consumers(value) is [var only] && !IsOutput(value) ? only : null;

    /// <summary>The node that makes <paramref name="value"/> for one reader alone; null if there is no such node.</summary>
    public Node? PrivateProducer(Value? value) => value is not null && OnlyConsumer(value) is not null ? Producer(value) : null;

    /// <summary>Lets input <paramref name="index"/> of <paramref name="node"/> be <paramref name="value"/>; the next after the last is added.</summary>
    public void SetInput(Node node, int index, Value? value)
    {
        if (index == node.Inputs.Count)
        {
            node.Inputs.Add(null);
        }

        if (node.Inputs[index] is { } old)
        {
            Release(node, old);
        }

        node.Inputs[index] = value;
        if (value is not null)
        {
            Read(node, value);
        }
    }

    /// <summary>Puts <paramref name="node"/> into the order just before <paramref name="position"/>.</summary>
    public void InsertBefore(Node position, Node node)
    {
        _graph.Nodes.Insert(_graph.Nodes.IndexOf(position), node);
        Add(node);
    }

    /// <summary>Puts <paramref name="replacement"/> where <paramref name="node"/> was.</summary>
    public void Replace(Node node, Node replacement)
    {
        _graph.Nodes[_graph.Nodes.IndexOf(node)] = replacement;
        Forget(node);
        Add(replacement);
    }

    public void Remove(Node node)
    {
        _graph.Nodes.Remove(node);
        Forget(node);
    }

    /// <summary>Makes every reader of <paramref name="old"/>, and the graph's outputs, read <paramref name="replacement"/> instead.</summary>
    public void ReplaceUses(Value old, Value replacement)
    {
        foreach (Node node in Consumers(old).ToArray())
        {
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (node.Inputs[i] == old)
                {
                    SetInput(node, i, replacement);
                }
            }
        }

        for (int i = 0; i < _graph.Outputs.Count; i++)
        {
            if (_graph.Outputs[i] == old)
            {
                _graph.Outputs[i] = replacement;
            }
        }
    }

    /// <summary>A new value like <paramref name="model"/> (element type, quantization), under another shape.</summary>
    public Value NewValue(Value model, Shape shape) =>
        new(UniqueName(model.Name), model.Type, shape) { Quantization = model.Quantization };

    public Value NewConstant(string wish, Tensor tensor, QuantizationParameters? quantization = null) =>
        new(UniqueName(wish), tensor) { Quantization = quantization };

    /// <summary>A name that no value has had since this rewriter began, made from <paramref name="wish"/>.</summary>
    public string UniqueName(string wish)
    {
        _names ??= _graph.Values().Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        string name = wish;
        for (int i = 2; !_names.Add(name); i++)
        {
            name = $"{wish}_{i}";
        }

        return name;
    }

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

        Remove(node);
        ReplaceUses(output, replacement);
        return true;
    }

    /// <summary>Lets <paramref name="producer"/> make what <paramref name="follower"/>, its only consumer, made.</summary>
    public void Absorb(Node producer, Node follower)
    {
        Remove(follower);
        _producers.Remove(producer.Output);
        producer.Outputs[0] = follower.Output;
        _producers[follower.Output] = producer;
    }

    /// <summary>Removes all nodes of which nothing reaches an output of the graph. Nodes must be in execution order.</summary>
    /// <returns>How many there were.</returns>
    public int RemoveDeadNodes()
    {
        for (int i = _graph.Nodes.Count - 1; i >= 0; i--)
        {
            _suspects.Enqueue(_graph.Nodes[i]);
        }

        return RemoveUnread();
    }

    /// <summary>Removes nodes that have lost their last reader since this was last called, and in turn those that only they read.</summary>
    /// <returns>How many there were.</returns>
    public int RemoveUnread()
    {
        int removed = 0;
        while (_suspects.TryDequeue(out Node? node))
        {
            if (Contains(node) && node.Outputs.TrueForAll(o => Consumers(o).Count == 0 && !IsOutput(o)))
            {
                Remove(node);
                removed++;
            }
        }

        return removed;
    }

    private void Add(Node node)
    {
        _nodes.Add(node);
        foreach (Value output in node.Outputs)
        {
            _producers[output] = node;
        }

        foreach (Value? input in node.Inputs)
        {
            if (input is not null)
            {
                Read(node, input);
            }
        }

        // A new node may turn out not to be needed.
        _suspects.Enqueue(node);
    }

    private void Forget(Node node)
    {
        _nodes.Remove(node);
        foreach (Value output in node.Outputs)
        {
            if (_producers.GetValueOrDefault(output) == node)
            {
                _producers.Remove(output);
            }
        }

        foreach (Value? input in node.Inputs)
        {
            if (input is not null)
            {
                Release(node, input);
            }
        }
    }

    private void Read(Node node, Value value)
    {
        if (!_consumers.TryGetValue(value, out List<Node>? readers))
        {
            _consumers.Add(value, readers = []);
        }

        readers.Add(node);
    }

    private void Release(Node node, Value value)
    {
        if (_consumers.TryGetValue(value, out List<Node>? readers))
        {
            readers.Remove(node);
        }

        if (Producer(value) is { } producer)
        {
            _suspects.Enqueue(producer);
        }
    }
}
