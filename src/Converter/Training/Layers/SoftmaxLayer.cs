using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>y = exp(x) / sum along the innermost dimension; dx = y (dy - sum(dy y)).</summary>
internal sealed class SoftmaxLayer : Layer
{
    private readonly int _depth;

    public SoftmaxLayer(Node node)
        : base(node)
    {
        if (node.Operator is not Softmax { Beta: 1, Log: false } softmax || softmax.Axis != node.Input(0).Shape.Rank - 1)
        {
            throw new InputException($"{node}: only a softmax along the last dimension can be trained");
        }

        _depth = Input.Shape[-1];
    }

    public override void Forward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> y = shard.Activation(Output);
        for (int i = 0; i < x.Length; i += _depth)
        {
            Losses.SoftMax(x.Slice(i, _depth), 1, y.Slice(i, _depth));
        }
    }

    public override void Backward(Shard shard)
    {
        if (!shard.NeedsGradient(Input))
        {
            return;
        }

        for (int i = 0; i < shard.Activation(Output).Length; i += _depth)
        {
            Span<float> y = shard.Activation(Output).Slice(i, _depth);
            Span<float> dy = shard.Gradient(Output).Slice(i, _depth);
            Span<float> dx = shard.Gradient(Input).Slice(i, _depth);
            float dot = TensorPrimitives.Dot(y, dy);
            for (int c = 0; c < _depth; c++)
            {
                dx[c] += y[c] * (dy[c] - dot);
            }
        }
    }
}
