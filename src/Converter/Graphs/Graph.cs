namespace TinyInference.Converter.Graphs;

/// <summary>
/// A network between import and emission. It knows no file format: activations are NHWC, weights as the operators state.
/// <see cref="Nodes"/> are in execution order: each comes after those that produce its inputs.
/// </summary>
internal sealed class Graph
{
    public string Name { get; set; } = "";

    public List<Value> Inputs { get; } = [];

    public List<Value> Outputs { get; } = [];

    public List<Node> Nodes { get; } = [];

    /// <summary>What is known beside the computation; goes into the blob's metadata.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Every value in use: inputs first, then the inputs and outputs of the nodes in order; each once.</summary>
    public IEnumerable<Value> Values()
    {
        var seen = new HashSet<Value>();
        foreach (Value value in Inputs.Concat(Nodes.SelectMany(n => n.Inputs.OfType<Value>().Concat(n.Outputs))).Concat(Outputs))
        {
            if (seen.Add(value))
            {
                yield return value;
            }
        }
    }

    /// <summary>Who makes each value; inputs and constants are not in it.</summary>
    public Dictionary<Value, Node> Producers()
    {
        var producers = new Dictionary<Value, Node>();
        foreach (Node node in Nodes)
        {
            foreach (Value output in node.Outputs)
            {
                producers.Add(output, node);
            }
        }

        return producers;
    }

    /// <summary>Who reads each value, once for each time it is read.</summary>
    public ILookup<Value, Node> Consumers() => Nodes
        .SelectMany(node => node.Inputs.OfType<Value>().Select(input => (input, node)))
        .ToLookup(pair => pair.input, pair => pair.node);

    /// <summary>Makes every reader of <paramref name="old"/>, and the graph's outputs, read <paramref name="replacement"/> instead.</summary>
    public void ReplaceUses(Value old, Value replacement)
    {
        foreach (Node node in Nodes)
        {
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (node.Inputs[i] == old)
                {
                    node.Inputs[i] = replacement;
                }
            }
        }

        for (int i = 0; i < Outputs.Count; i++)
        {
            if (Outputs[i] == old)
            {
                Outputs[i] = replacement;
            }
        }
    }

    /// <summary>Puts <see cref="Nodes"/> into execution order, keeping the present order where it does not matter.</summary>
    /// <exception cref="InputException">The graph has a cycle.</exception>
    public void Sort()
    {
        Dictionary<Value, Node> producers = Producers();
        var sorted = new List<Node>(Nodes.Count);
        var state = new Dictionary<Node, bool>();
        var stack = new Stack<(Node Node, bool Leave)>();
        for (int i = Nodes.Count - 1; i >= 0; i--)
        {
            stack.Push((Nodes[i], false));
        }

        while (stack.TryPop(out (Node Node, bool Leave) entry))
        {
            if (entry.Leave)
            {
                state[entry.Node] = true;
                sorted.Add(entry.Node);
                continue;
            }

            if (!state.TryAdd(entry.Node, false))
            {
                continue;
            }

            stack.Push((entry.Node, true));
            for (int i = entry.Node.Inputs.Count - 1; i >= 0; i--)
            {
                if (entry.Node.Inputs[i] is { } input && producers.TryGetValue(input, out Node? producer))
                {
                    if (!state.TryGetValue(producer, out bool done))
                    {
                        stack.Push((producer, false));
                    }
                    else if (!done)
                    {
                        throw new InputException($"the graph has a cycle through {producer}");
                    }
                }
            }
        }

        Nodes.Clear();
        Nodes.AddRange(sorted);
    }

    /// <summary>A name that no value of the graph has yet, made from <paramref name="wish"/>.</summary>
    public string UniqueName(string wish)
    {
        var names = Values().Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        string name = wish;
        for (int i = 2; names.Contains(name); i++)
        {
            name = $"{wish}_{i}";
        }

        return name;
    }

    /// <summary>Nodes, values and lists are copied, constants shared: passes may change the copy and leave this graph as it is.</summary>
    public Graph Clone()
    {
        var copies = new Dictionary<Value, Value>();
        Value Copy(Value value)
        {
            if (!copies.TryGetValue(value, out Value? copy))
            {
                copy = new Value(value.Name, value.Type, value.Shape) { Quantization = value.Quantization, HasDynamicScale = value.HasDynamicScale, Constant = value.Constant };
                copies.Add(value, copy);
            }

            return copy;
        }

        var clone = new Graph { Name = Name };
        clone.Inputs.AddRange(Inputs.Select(Copy));
        clone.Nodes.AddRange(Nodes.Select(n => new Node(n.Name, n.Operator, n.Inputs.Select(v => v is null ? null : Copy(v)), n.Outputs.Select(Copy))));
        clone.Outputs.AddRange(Outputs.Select(Copy));
        foreach ((string key, string value) in Metadata)
        {
            clone.Metadata.Add(key, value);
        }

        return clone;
    }
}
