namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>
/// Lets a quantized graph choose the scales of activations for each input: those between convolutions, fully connected layers, sums
/// and averages. Their calibrated scale becomes the middle of a range of powers of two. What other operators and the outside read
/// keeps a scale that is always the same.
/// </summary>
internal static class DynamicQuantizer
{
    /// <summary>Calibrated ranges may become smaller by this factor, and larger by 2^11.</summary>
    private const float Finest = 1 / 16f;

    private const double LargestBias = 1 << 30;

    /// <param name="graph">From <see cref="StaticQuantizer"/>; changed in place.</param>
    /// <exception cref="InputException">There is no operator that could have one.</exception>
    public static void Apply(Graph graph)
    {
        Dictionary<Value, QuantizationParameters> calibrated = graph.Values().Where(v => v.Quantization is { IsPerTensor: true } && !v.IsConstant).ToDictionary(v => v, v => v.Quantization!);
        ILookup<Value, Node> consumers = graph.Consumers();
        var dynamic = new HashSet<Value>();
        foreach (Node node in graph.Nodes)
        {
            bool fromDynamic = node.Inputs.Count > 0 && node.Inputs[0] is { } x && dynamic.Contains(x);
            bool isRead = consumers[node.Output].Any(c => (IsMaker(c) && c.Inputs.IndexOf(node.Output) is 0 or 1) || IsMover(c));
            if ((IsMaker(node) && (isRead || node.Inputs.Exists(i => i is not null && dynamic.Contains(i)))) || (IsMover(node) && fromDynamic))
            {
                dynamic.Add(node.Output);
                SetScale(node);
            }
        }

        if (dynamic.Count == 0)
        {
            throw new InputException($"{(graph.Name.Length == 0 ? "the network" : graph.Name)}: has no convolution, fully connected layer, sum or average behind another one: --dynamic changes nothing; convert without it");
        }

        foreach (Node node in graph.Nodes.Where(IsMaker))
        {
            RescaleBias(node, calibrated);
        }

        foreach (Node node in graph.Nodes.ToArray())
        {
            if (dynamic.Contains(node.Output) && (graph.Outputs.Contains(node.Output) || consumers[node.Output].Any(c => !IsMaker(c) && !IsMover(c))))
            {
                AddFixed(graph, node, calibrated[node.Output]);
            }
        }
    }

    /// <summary>The operators whose results keep a scale that is always the same.</summary>
    public static IEnumerable<Node> Fixed(Graph graph) => graph.Nodes.Where(n => !n.Output.HasDynamicScale && n.Operator is not Quantize);

    /// <summary>Whether an operator can compute with dynamic scales and choose one.</summary>
    private static bool IsMaker(Node node) => node.Operator switch
    {
        Conv2D or DepthwiseConv2D or FullyConnected => node.Input(1) is { IsConstant: true, Type: ElementType.Int8 } && node.Output.Quantization is not null,
        Binary { Function: BinaryFunction.Add } => !node.Input(0).IsConstant && !node.Input(1).IsConstant && node.Input(0).Shape.Equals(node.Input(1).Shape),
        Pool2D { Function: PoolFunction.Average, Window: { HasPadding: false, DilationH: 1, DilationW: 1 } } => true,
        Reduce { Function: ReduceFunction.Mean, Axes: [1, 2] } => node.Input(0).Shape.Rank == 4,
        _ => false,
    };

    /// <summary>Whether an operator only selects and moves, so that the scale of its input serves its output.</summary>
    private static bool IsMover(Node node) => node.Operator is Reshape or Identity or Pool2D { Function: PoolFunction.Max, Clamp.IsNone: true, Window: { DilationH: 1, DilationW: 1 } };

    private static void SetScale(Node node)
    {
        Value y = node.Output;
        y.HasDynamicScale = true;
        if (IsMover(node))
        {
            y.Quantization = node.Input(0).Quantization;
            return;
        }

        Clamp clamp = node.Operator switch
        {
            Conv2D op => op.Clamp,
            DepthwiseConv2D op => op.Clamp,
            FullyConnected op => op.Clamp,
            Binary op => op.Clamp,
            Pool2D op => op.Clamp,
            _ => Clamp.None,
        };
        ValueRange range = ValueRange.Of(y.Quantization!);
        bool isPositive = clamp.Min >= 0 || (node.Operator is Reduce or Pool2D && node.Input(0).Quantization!.ZeroPoint == sbyte.MinValue && node.Input(0).HasDynamicScale);
        float scale = isPositive ? range.Max / byte.MaxValue : Math.Max(Math.Abs(range.Min), Math.Abs(range.Max)) / sbyte.MaxValue;
        y.Quantization = new QuantizationParameters(float.IsNormal(scale * Finest) ? scale * Finest : 1, isPositive ? sbyte.MinValue : 0);
    }

    /// <summary>Biases are in units of the input's scale times the weights'.</summary>
    private static void RescaleBias(Node node, Dictionary<Value, QuantizationParameters> calibrated)
    {
        Value x = node.Input(0);
        if (!x.HasDynamicScale || node.OptionalInput(2) is not { Constant: { } bias } old || !node.Output.HasDynamicScale)
        {
            return;
        }

        double factor = (double)calibrated[x].Scale / x.Quantization!.Scale;
        double[] scaled = [.. bias.ToInt64s().Select(b => Math.Round(b * factor, MidpointRounding.AwayFromZero))];
        if (scaled.Any(b => Math.Abs(b) > LargestBias))
        {
            throw new InputException($"{node}: its bias is too large beside its weights for dynamic scales; convert without --dynamic");
        }

        node.Inputs[2] = new Value(old.Name + "/dynamic", new Tensor(bias.Shape, Array.ConvertAll(scaled, b => (int)b)))
        {
            Quantization = new QuantizationParameters(
                Array.ConvertAll(old.Quantization!.Scales, s => (float)(s / factor)), old.Quantization.ZeroPoints, old.Quantization.Axis),
        };
    }

    /// <summary>Gives those that cannot read a dynamic scale the calibrated one.</summary>
    private static void AddFixed(Graph graph, Node node, QuantizationParameters calibrated)
    {
        Value y = node.Output;
        var own = new Value(graph.UniqueName(y.Name + "/dynamic"), y.Type, y.Shape) { Quantization = y.Quantization, HasDynamicScale = true };
        foreach (Node consumer in graph.Nodes.Where(c => IsMaker(c) || IsMover(c)))
        {
            for (int i = 0; i < consumer.Inputs.Count; i++)
            {
                if (consumer.Inputs[i] == y)
                {
                    consumer.Inputs[i] = own;
                }
            }
        }

        node.Outputs[0] = own;
        y.HasDynamicScale = false;
        y.Quantization = calibrated;
        graph.Nodes.Insert(graph.Nodes.IndexOf(node) + 1, new Node(node.Name + "/fixed", new Quantize(), [own], [y]));
    }
}
