namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>Which activations share one scale and zero point, because an operator between them cannot rescale.</summary>
internal sealed class ScaleGroups
{
    private readonly Dictionary<Value, Value> _parents = [];
    private readonly Dictionary<Value, QuantizationParameters> _pinned = [];

    /// <param name="graph">The graph before it is quantized.</param>
    public ScaleGroups(Graph graph)
    {
        HashSet<Value> trees = TreeEnsembles.Own(graph);
        foreach (Value value in graph.Values().Where(v => IsReal(v) && !trees.Contains(v)))
        {
            _parents.Add(value, value);
            if (value.Quantization is { } given)
            {
                _pinned.Add(value, given);
            }
        }

        foreach (Node node in graph.Nodes.Where(n => _parents.ContainsKey(n.Output) && n.Output.Quantization is null))
        {
            if (Prescribed(node) is { } prescribed)
            {
                _pinned.Add(node.Output, prescribed);
            }
        }

        HashSet<Value> wide = WideOutputs.Of(graph);
        foreach (Node node in graph.Nodes.Where(n => KeepsScale(n.Operator) && !wide.Contains(n.Input(0))))
        {
            Join(node.Input(0), node.Output);
        }

        // Joined inputs whose scale is given are requantized: the others must not be pressed into their range.
        foreach (Node node in graph.Nodes.Where(n => n.Operator is Concat))
        {
            foreach (Value input in node.Inputs.OfType<Value>().Where(i => IsReal(i) && Pinned(i) is null))
            {
                Join(input, node.Output);
            }
        }
    }

    /// <summary>All groups: their values in the graph's order, and the parameters given for them, if any.</summary>
    public IEnumerable<(Value[] Values, QuantizationParameters? Pinned)> Groups() =>
        _parents.Keys.GroupBy(Root).Select(g => (g.ToArray(), Pinned(g.Key)));

    /// <summary>An activation that stands for reals: float, or int8 with quantization parameters.</summary>
    public static bool IsReal(Value value) =>
        !value.IsConstant && (value.Type == ElementType.Float32 || (value.Type == ElementType.Int8 && value.Quantization is not null));

    private static QuantizationParameters? Prescribed(Node node) => node.Operator switch
    {
        // Rows of a table: they are stored with the parameters that they have as results.
        Gather when node.Input(0).Constant is { Type: ElementType.Int8 } => node.Input(0).Quantization,
        Gather when node.Input(0).Constant is { Type: ElementType.Float32 } table && table.Floats.Length > 0 => new ValueRange(table.Floats.Min(), table.Floats.Max()).ToParameters(),
        Unary { Function: UnaryFunction.Sigmoid or UnaryFunction.HardSigmoid } => FixedOutputs.Sigmoid,
        Unary { Function: UnaryFunction.Tanh } => FixedOutputs.Tanh,
        Softmax { Log: false } => FixedOutputs.Softmax,
        _ => null,
    };

    private static bool KeepsScale(Operator op) => op is Reshape or Identity or Transpose or Slice or Gather or Pool2D or Pad or Resize or Quantize or Dequantize or Cast
        || op is Reduce { Function: ReduceFunction.Max or ReduceFunction.Min };

    private void Join(Value a, Value b)
    {
        if (!_parents.ContainsKey(a) || !_parents.ContainsKey(b))
        {
            return;
        }

        Value rootA = Root(a);
        Value rootB = Root(b);
        if (rootA == rootB)
        {
            return;
        }

        // Where both are given, the operator between them requantizes.
        if (_pinned.ContainsKey(rootA) && _pinned.ContainsKey(rootB))
        {
            return;
        }

        if (_pinned.Remove(rootB, out QuantizationParameters? given))
        {
            _pinned.Add(rootA, given);
        }

        _parents[rootB] = rootA;
    }

    private QuantizationParameters? Pinned(Value value) => _pinned.GetValueOrDefault(Root(value));

    private Value Root(Value value)
    {
        while (_parents[value] != value)
        {
            value = _parents[value];
        }

        return value;
    }
}
