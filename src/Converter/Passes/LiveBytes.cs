namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Bytes of activations that are alive while the nodes of a graph run in some order. A Reshape lies where its input lies;
/// constants count nothing.
/// </summary>
internal sealed class LiveBytes
{
    private readonly List<long> _bytes = [];
    private readonly List<List<int>> _readers = [];
    private readonly List<bool> _stays = [];
    private readonly List<int>[] _reads;
    private readonly List<int>[] _makes;
    private readonly List<int>[] _needs;
    private readonly long _inputBytes;

    public LiveBytes(Graph graph)
    {
        Count = graph.Nodes.Count;
        _reads = new List<int>[Count];
        _makes = new List<int>[Count];
        _needs = new List<int>[Count];
        var buffers = new Dictionary<Value, int>();
        foreach (Value input in graph.Inputs)
        {
            _inputBytes += Buffer(buffers, input);
        }

        Dictionary<Value, Node> producers = graph.Producers();
        var positions = graph.Nodes.Select((n, i) => (n, i)).ToDictionary(p => p.n, p => p.i);
        for (int i = 0; i < Count; i++)
        {
            Node node = graph.Nodes[i];
            Value[] inputs = [.. node.Inputs.OfType<Value>().Where(v => !v.IsConstant).Distinct()];
            _reads[i] = [.. inputs.Select(v => buffers[v]).Distinct()];
            _makes[i] = [];
            _needs[i] = [];
            foreach (Value input in inputs)
            {
                if (producers.TryGetValue(input, out Node? producer))
                {
                    _needs[i].Add(positions[producer]);
                }
            }

            foreach (Value output in node.Outputs)
            {
                if (node.Operator is Reshape && !node.Input(0).IsConstant)
                {
                    buffers.Add(output, buffers[node.Input(0)]);
                }
                else
                {
                    Buffer(buffers, output);
                    _makes[i].Add(buffers[output]);
                }
            }

            foreach (int buffer in _reads[i])
            {
                _readers[buffer].Add(i);
            }

            LargestNode = Math.Max(LargestNode, _reads[i].Concat(_makes[i]).Distinct().Sum(b => _bytes[b]));
        }

        foreach (Value output in graph.Outputs.Where(o => !o.IsConstant))
        {
            _stays[buffers[output]] = true;
        }
    }

    /// <summary>Number of nodes.</summary>
    public int Count { get; }

    /// <summary>Inputs and outputs of the node where they are largest: no order can need less.</summary>
    public long LargestNode { get; }

    /// <summary>A set of executed nodes, and what is alive after them.</summary>
    internal sealed record State(NodeSet Executed, long Live, State? Before, int Last)
    {
        /// <summary>The nodes in the order in which they were executed.</summary>
        public int[] Order()
        {
            var order = new Stack<int>();
            for (State state = this; state.Before is not null; state = state.Before)
            {
                order.Push(state.Last);
            }

            return [.. order];
        }
    }

    public State Start() => new(new NodeSet(Count), _inputBytes, null, -1);

    /// <summary>Nodes that have not run and whose inputs are all there.</summary>
    public IEnumerable<int> Ready(State state)
    {
        for (int i = 0; i < Count; i++)
        {
            if (!state.Executed.Contains(i) && _needs[i].TrueForAll(state.Executed.Contains))
            {
                yield return i;
            }
        }
    }

    /// <summary>Bytes alive while <paramref name="node"/> runs.</summary>
    public long During(State state, int node) => state.Live + _makes[node].Sum(b => _bytes[b]);

    /// <summary>Bytes alive when <paramref name="node"/> has run.</summary>
    public long After(State state, int node) => During(state, node) - Freed(state, node);

    public State Execute(State state, int node) => new(state.Executed.With(node), After(state, node), state, node);

    /// <summary>The most bytes alive at once if the nodes run in <paramref name="order"/>.</summary>
    public long Peak(IEnumerable<int> order)
    {
        State state = Start();
        long peak = state.Live;
        foreach (int node in order)
        {
            peak = Math.Max(peak, During(state, node));
            state = Execute(state, node);
        }

        return peak;
    }

    /// <summary>Buffers whose last reader <paramref name="node"/> is, and what it made that nobody reads.</summary>
    private long Freed(State state, int node)
    {
        long freed = 0;
        foreach (int buffer in _reads[node])
        {
            if (!_stays[buffer] && _readers[buffer].TrueForAll(r => r == node || state.Executed.Contains(r)))
            {
                freed += _bytes[buffer];
            }
        }

        foreach (int buffer in _makes[node])
        {
            if (!_stays[buffer] && _readers[buffer].Count == 0)
            {
                freed += _bytes[buffer];
            }
        }

        return freed;
    }

    private long Buffer(Dictionary<Value, int> buffers, Value value)
    {
        buffers.Add(value, _bytes.Count);
        _bytes.Add((long)value.Shape.ElementCount * value.Type.Size());
        _readers.Add([]);
        _stays.Add(false);
        return _bytes[^1];
    }
}
