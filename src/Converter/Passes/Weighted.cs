namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>A convolution or FullyConnected with constant float weights: which channels each of its weights joins.</summary>
internal sealed class Weighted
{
    private readonly Node _node;
    private readonly Shape _shape;
    private readonly int _groups;
    private readonly bool _depthwise;

    private Weighted(Node node, float[] weights, float[]? bias, Clamp clamp, int groups, bool depthwise, bool seesOnlyInput)
    {
        _node = node;
        _shape = node.Input(1).Shape;
        _groups = groups;
        _depthwise = depthwise;
        Weights = weights;
        Bias = bias;
        Clamp = clamp;
        SeesOnlyInput = seesOnlyInput;
        Inputs = node.Input(0).Shape[-1];
        Outputs = depthwise ? _shape[3] : _shape[0];
    }

    public float[] Weights { get; }

    public float[]? Bias { get; }

    public Clamp Clamp { get; }

    /// <summary>Input channels.</summary>
    public int Inputs { get; }

    /// <summary>Output channels.</summary>
    public int Outputs { get; }

    /// <summary>Whether every output is a sum over all weights of its channel, none of which falls on padding.</summary>
    public bool SeesOnlyInput { get; }

    /// <summary><paramref name="node"/> seen this way; null if it is of another kind or its weights are no float constants.</summary>
    public static Weighted? Of(Node node)
    {
        if (node.Operator is not (Conv2D or DepthwiseConv2D or TransposeConv2D or FullyConnected)
            || Constants.Floats(node.Input(1)) is not { } weights)
        {
            return null;
        }

        float[]? bias = Constants.Floats(node.OptionalInput(2));
        if (bias is null && node.OptionalInput(2) is not null)
        {
            return null;
        }

        return node.Operator switch
        {
            Conv2D op => new Weighted(node, weights, bias, op.Clamp, op.Groups, depthwise: false, !op.Window.HasPadding),
            DepthwiseConv2D op => new Weighted(node, weights, bias, op.Clamp, 1, depthwise: true, !op.Window.HasPadding),
            TransposeConv2D op => new Weighted(node, weights, bias, op.Clamp, op.Groups, depthwise: false, seesOnlyInput: false),
            FullyConnected op => new Weighted(node, weights, bias, op.Clamp, 1, depthwise: false, seesOnlyInput: true),
            _ => null,
        };
    }

    /// <summary>The output channel that the weight at <paramref name="index"/> adds to.</summary>
    public int OutputOf(int index) => _depthwise ? index % _shape[3] : index / (Weights.Length / _shape[0]);

    /// <summary>The input channel that the weight at <paramref name="index"/> reads.</summary>
    public int InputOf(int index)
    {
        if (_depthwise)
        {
            return index % _shape[3] / (_shape[3] / Inputs);
        }

        int group = OutputOf(index) / (Outputs / _groups);
        return (group * _shape[-1]) + (index % _shape[-1]);
    }

    /// <summary>Gives the node new weights, bias (null: none) and a further clamp. The old constants may have other readers and stay as they are.</summary>
    public void Store(GraphRewriter rewriter, float[] weights, float[]? bias, Clamp clamp)
    {
        rewriter.SetInput(_node, 1, rewriter.NewConstant(_node.Input(1).Name, new Tensor(_shape, weights)));
        if (bias is not null)
        {
            string name = _node.OptionalInput(2)?.Name ?? _node.Input(1).Name + "/bias";
            rewriter.SetInput(_node, 2, rewriter.NewConstant(name, new Tensor(new Shape(bias.Length), bias)));
        }

        _node.Operator = _node.Operator switch
        {
            Conv2D op => op with { Clamp = op.Clamp.Then(clamp) },
            DepthwiseConv2D op => op with { Clamp = op.Clamp.Then(clamp) },
            TransposeConv2D op => op with { Clamp = op.Clamp.Then(clamp) },
            FullyConnected op => op with { Clamp = op.Clamp.Then(clamp) },
            _ => _node.Operator,
        };
    }
}
