namespace TinyInference.Converter.Compression.Pruning;

using TinyInference.Converter.Graphs;

/// <summary>
/// Channels that can only be removed together: those of the values that elementwise operators, batch norm, pooling and depthwise
/// convolutions tie to each other, residual sums above all.
/// </summary>
internal sealed class ChannelSpace(int channels)
{
    /// <summary>How many there are.</summary>
    public int Channels { get; } = channels;

    /// <summary>Convolutions and FullyConnected operators whose output channels these are.</summary>
    public List<Node> Producers { get; } = [];

    /// <summary>Operators whose weights read these channels, and how often each channel comes back in their input (flattened images).</summary>
    public List<(Node Node, int Repeat)> Consumers { get; } = [];

    /// <summary>Constants with one element for each channel, in their last dimension.</summary>
    public List<Value> Constants { get; } = [];

    /// <summary>Activations, and how often each channel comes back in their last dimension.</summary>
    public List<(Value Value, int Repeat)> Values { get; } = [];
}

/// <summary>Finds the <see cref="ChannelSpace"/>s of a graph from which channels can be removed.</summary>
internal sealed class ChannelSpaces
{
    private readonly Dictionary<Value, (int Space, int Repeat)> _spaces = [];
    private readonly List<int> _parents = [];
    private readonly List<int> _channels = [];
    private readonly HashSet<int> _fixed = [];
    private readonly List<(int Space, Node Node)> _producers = [];
    private readonly List<(int Space, Node Node, int Repeat)> _consumers = [];
    private readonly List<(int Space, Value Value)> _constants = [];

    private ChannelSpaces(Graph graph)
    {
        foreach (Value input in graph.Inputs)
        {
            Fix(input);
        }

        foreach (Node node in graph.Nodes)
        {
            Add(node);
        }

        foreach (Value output in graph.Outputs.Where(o => _spaces.ContainsKey(o)))
        {
            _fixed.Add(_spaces[output].Space);
        }

        // Weights that several operators share, and constants of two spaces, cannot be cut for one of them alone.
        foreach (IGrouping<Value, Node> users in graph.Nodes.SelectMany(n => n.Inputs.OfType<Value>().Where(v => v.IsConstant).Distinct().Select(v => (v, n))).GroupBy(p => p.v, p => p.n))
        {
            if (users.Count() > 1)
            {
                foreach (int space in _producers.Where(p => users.Contains(p.Node)).Select(p => p.Space)
                    .Concat(_consumers.Where(c => users.Contains(c.Node)).Select(c => c.Space))
                    .Concat(_constants.Where(c => c.Value == users.Key).Select(c => c.Space)))
                {
                    _fixed.Add(space);
                }
            }
        }
    }

    /// <summary>The spaces of which channels can be removed, in the order of the graph.</summary>
    public static IReadOnlyList<ChannelSpace> Of(Graph graph) => new ChannelSpaces(graph).Collect();

    private List<ChannelSpace> Collect()
    {
        HashSet<int> closed = [.. _fixed.Select(Root)];
        var result = new Dictionary<int, ChannelSpace>();
        ChannelSpace? Space(int space)
        {
            int root = Root(space);
            if (closed.Contains(root))
            {
                return null;
            }

            if (!result.TryGetValue(root, out ChannelSpace? found))
            {
                found = new ChannelSpace(_channels[root]);
                result.Add(root, found);
            }

            return found;
        }

        foreach ((int space, Node node) in _producers)
        {
            Space(space)?.Producers.Add(node);
        }

        foreach ((int space, Node node, int repeat) in _consumers)
        {
            Space(space)?.Consumers.Add((node, repeat));
        }

        foreach ((int space, Value value) in _constants)
        {
            Space(space)?.Constants.Add(value);
        }

        foreach ((Value value, (int space, int repeat)) in _spaces)
        {
            Space(space)?.Values.Add((value, repeat));
        }

        return [.. result.Values.Where(s => s.Producers.Count > 0)];
    }

    private void Add(Node node)
    {
        Value? x = node.Inputs.Count > 0 ? node.Inputs[0] : null;
        switch (node.Operator)
        {
            case Binary:
                AddBinary(node);
                break;
            case var _ when x is null || !_spaces.ContainsKey(x):
                FixAll(node);
                break;
            case Conv2D { Groups: 1 } or FullyConnected when node.Input(1).IsConstant && node.OptionalInput(2) is null or { IsConstant: true }:
                AddProducer(node, x);
                break;
            case DepthwiseConv2D when node.Input(1).IsConstant && node.Output.Shape[-1] == x.Shape[-1]:
                Same(x, node.Output);
                PerChannel(x, node.Inputs.Skip(1));
                break;
            case BatchNorm or PRelu:
                Same(x, node.Output);
                PerChannel(x, node.Inputs.Skip(1));
                break;
            case Unary or Identity or Pool2D or Resize:
                Same(x, node.Output);
                break;
            case Reduce reduce when !reduce.Axes.Contains(x.Shape.Rank - 1):
                Same(x, node.Output);
                break;
            case Pad pad when pad.Before[^1] == 0 && pad.After[^1] == 0:
                Same(x, node.Output);
                break;
            case Reshape when x.Shape.Rank > 0 && node.Output.Shape.Rank > 0 && node.Output.Shape[-1] % Math.Max(1, x.Shape[-1]) == 0 && node.Output.Shape[-1] > 0:
                (int space, int repeat) = _spaces[x];
                _spaces[node.Output] = (space, repeat * (node.Output.Shape[-1] / x.Shape[-1]));
                break;
            default:
                FixAll(node);
                break;
        }
    }

    /// <summary>An operator that looks at channels in a way of its own: nothing can be removed around it.</summary>
    private void FixAll(Node node)
    {
        foreach (Value input in node.Inputs.OfType<Value>().Where(_spaces.ContainsKey))
        {
            _fixed.Add(_spaces[input].Space);
        }

        foreach (Value output in node.Outputs)
        {
            Fix(output);
        }
    }

    private void AddProducer(Node node, Value x)
    {
        (int input, int repeat) = _spaces[x];
        _consumers.Add((input, node, repeat));
        int space = NewSpace(node.Output.Shape[-1]);
        _spaces[node.Output] = (space, 1);
        _producers.Add((space, node));
    }

    private void AddBinary(Node node)
    {
        Value a = node.Input(0);
        Value b = node.Input(1);
        if (!_spaces.ContainsKey(a) && !_spaces.ContainsKey(b))
        {
            FixAll(node);
            return;
        }

        if (!a.IsConstant && !b.IsConstant && a.Shape[-1] == b.Shape[-1] && node.Output.Shape[-1] == a.Shape[-1])
        {
            Same(a, node.Output);
            Join(_spaces[a], _spaces[b]);
            return;
        }

        Value x = a.IsConstant ? b : a;
        Value other = a.IsConstant ? a : b;
        Same(x, node.Output);
        if (!other.IsConstant)
        {
            _fixed.Add(_spaces[x].Space);
            _fixed.Add(_spaces[other].Space);
        }
        else if (other.Shape.ElementCount > 1)
        {
            PerChannel(x, [other]);
        }
    }

    private void Same(Value x, Value y)
    {
        if (x.Shape[-1] == y.Shape[-1])
        {
            _spaces[y] = _spaces[x];
        }
        else
        {
            _fixed.Add(_spaces[x].Space);
            Fix(y);
        }
    }

    private void PerChannel(Value x, IEnumerable<Value?> constants)
    {
        (int space, int repeat) = _spaces[x];
        foreach (Value constant in constants.OfType<Value>())
        {
            if (repeat == 1 && constant is { IsConstant: true, Type: ElementType.Float32 } && constant.Shape.Rank > 0 && constant.Shape[-1] == _channels[space])
            {
                _constants.Add((space, constant));
            }
            else if (constant.Shape.ElementCount > 1)
            {
                _fixed.Add(space);
            }
        }
    }

    private void Fix(Value value)
    {
        int space = NewSpace(value.Shape.Rank == 0 ? 1 : value.Shape[-1]);
        _spaces[value] = (space, 1);
        _fixed.Add(space);
    }

    private int NewSpace(int channels)
    {
        _parents.Add(_parents.Count);
        _channels.Add(channels);
        return _parents.Count - 1;
    }

    private void Join((int Space, int Repeat) a, (int Space, int Repeat) b)
    {
        int rootA = Root(a.Space);
        int rootB = Root(b.Space);
        if (a.Repeat != b.Repeat)
        {
            _fixed.Add(rootA);
            _fixed.Add(rootB);
        }
        else if (rootA != rootB)
        {
            _parents[Math.Max(rootA, rootB)] = Math.Min(rootA, rootB);
        }
    }

    private int Root(int space)
    {
        while (_parents[space] != space)
        {
            space = _parents[space];
        }

        return space;
    }
}
