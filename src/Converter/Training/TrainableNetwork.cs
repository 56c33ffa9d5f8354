using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training.Layers;

namespace TinyInference.Converter.Training;

/// <summary>
/// A graph made ready for training: its nodes as layers, its float weights as parameters. The constants of the graph are
/// changed in place, so that the graph is the trained network at any time.
/// </summary>
internal sealed class TrainableNetwork
{
    /// <summary>Activations and gradients together, in floats.</summary>
    private const long LargestBuffers = 1L << 30;

    private readonly List<Layer> _layers = [];
    private readonly List<Parameter> _parameters = [];
    private readonly Shard[] _shards;

    /// <param name="graph">One input and one output, each with a leading dimension of 1 (the batch); fused clamps must have been split off.</param>
    /// <param name="shards">Parts that a batch is taken through side by side.</param>
    /// <param name="samplesPerShard">The most samples in each.</param>
    /// <param name="wrap">Puts something around each layer, as fake quantization; null to leave them as they are.</param>
    /// <exception cref="InputException">An operator can't be trained; the message names it.</exception>
    public TrainableNetwork(Graph graph, int shards, int samplesPerShard, Func<Layer, Layer>? wrap = null)
    {
        if (graph.Inputs.Count != 1 || graph.Outputs.Count != 1)
        {
            throw new InputException($"a network with {graph.Inputs.Count} inputs and {graph.Outputs.Count} outputs can't be trained: one of each is needed");
        }

        long perSample = graph.Values().Where(v => !v.IsConstant).Sum(v => 2L * v.Shape.ElementCount);
        if (samplesPerShard > LargestBuffers / shards / Math.Max(perSample, 1))
        {
            throw new InputException($"{(long)shards * samplesPerShard:N0} samples in a step of {perSample:N0} activations and gradients each do not fit into memory: lower --batch, at most {LargestBuffers / perSample:N0}");
        }

        Graph = graph;
        // Softmax and cross entropy have a simpler and safer derivative together: the loss takes the logits.
        bool endsInSoftmax = graph.Nodes.Count > 0 && graph.Nodes[^1] is { Operator: Softmax { Log: false } } last && last.Output == graph.Outputs[0];
        Output = endsInSoftmax ? graph.Nodes[^1].Input(0) : graph.Outputs[0];
        foreach (Node node in graph.Nodes.Take(graph.Nodes.Count - (endsInSoftmax ? 1 : 0)))
        {
            Layer layer = CreateLayer(node);
            _layers.Add(wrap?.Invoke(layer) ?? layer);
        }

        _shards = [.. Enumerable.Range(0, shards).Select(_ => new Shard(samplesPerShard, graph.Values().Where(v => !v.IsConstant), graph.Inputs.ToHashSet(), _parameters))];
    }

    public Graph Graph { get; }

    public IReadOnlyList<Parameter> Parameters => _parameters;

    public IReadOnlyList<Shard> Shards => _shards;

    public Value Input => Graph.Inputs[0];

    /// <summary>What the loss reads: the graph's output, or the logits when that is a softmax.</summary>
    public Value Output { get; }

    /// <summary>Takes a shard from input to output.</summary>
    public void Forward(Shard shard)
    {
        foreach (Layer layer in _layers)
        {
            layer.Forward(shard);
        }
    }

    /// <summary>Takes the gradient of <see cref="Output"/> back through a shard.</summary>
    public void Backward(Shard shard)
    {
        for (int i = _layers.Count - 1; i >= 0; i--)
        {
            _layers[i].Backward(shard);
        }
    }

    /// <summary>Sums the shards' gradients into the parameters', in the order of the shards, and finishes the layers' step.</summary>
    public void Gather()
    {
        foreach (Parameter parameter in _parameters)
        {
            parameter.Gradient.AsSpan().Clear();
            foreach (Shard shard in _shards.Where(s => s.Samples > 0))
            {
                TensorPrimitives.Add(parameter.Gradient, shard.Gradient(parameter), parameter.Gradient);
            }
        }

        foreach (Layer layer in _layers)
        {
            layer.Finish();
        }
    }

    private Layer CreateLayer(Node node) => node.Operator switch
    {
        FullyConnected => new FullyConnectedLayer(node, Weights(node, 1, true), OptionalWeights(node, 2)),
        Conv2D => new Conv2DLayer(node, Weights(node, 1, true), OptionalWeights(node, 2)),
        DepthwiseConv2D => new DepthwiseConv2DLayer(node, Weights(node, 1, true), OptionalWeights(node, 2)),
        BatchNorm => new BatchNormLayer(node, Weights(node, 1, false), Weights(node, 2, false)),
        LayerNorm => new LayerNormLayer(node, Weights(node, 1, false), Weights(node, 2, false)),
        Unary { Function: UnaryFunction.Relu } => new ClampLayer(node, Clamp.Relu),
        Unary { Function: UnaryFunction.Relu6 } => new ClampLayer(node, Clamp.Relu6),
        Unary { Function: UnaryFunction.Clip } clip => new ClampLayer(node, new Clamp(clip.Alpha, clip.Beta)),
        Unary => new UnaryLayer(node),
        TransposeConv2D => new TransposeConv2DLayer(node, Weights(node, 1, true), OptionalWeights(node, 2)),
        PRelu => new PReluLayer(node, Weights(node, 1, false)),
        Graphs.Gather => new EmbeddingLayer(node, Weights(node, 0, false)),
        Graphs.Recurrent => new RecurrentLayer(node, [Weights(node, 1, true), Weights(node, 2, true), OptionalWeights(node, 3), OptionalWeights(node, 4)]),
        Pad or Slice or Transpose or Concat or Resize { Function: ResizeFunction.Nearest } => new MoveLayer(node),
        Binary => new BinaryLayer(node),
        Pool2D => new Pool2DLayer(node),
        Reduce { Function: ReduceFunction.Mean } => new MeanLayer(node),
        Reshape or Identity => new ReshapeLayer(node),
        Softmax => new SoftmaxLayer(node),
        _ => throw new InputException($"{node} can't be trained"),
    };

    private Parameter Weights(Node node, int input, bool decays)
    {
        Value value = node.Input(input);
        if (value.Constant is not { Type: ElementType.Float32 })
        {
            throw new InputException($"{node}: '{value.Name}' is not a float constant and can't be trained");
        }

        Parameter? parameter = _parameters.Find(p => p.Value == value);
        if (parameter is null)
        {
            parameter = new Parameter(value, decays);
            _parameters.Add(parameter);
        }

        return parameter;
    }

    private Parameter? OptionalWeights(Node node, int input) => node.OptionalInput(input) is null ? null : Weights(node, input, false);
}
