using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>The mean over the dimensions between the batch and the channels (global average pooling).</summary>
internal sealed class MeanLayer : Layer
{
    private readonly int _channels;
    private readonly int _positions;

    public MeanLayer(Node node)
        : base(node)
    {
        int[] axes = ((Reduce)node.Operator).Axes;
        if (!axes.SequenceEqual(Enumerable.Range(1, Input.Shape.Rank - 2)))
        {
            throw new InputException($"{node}: only a mean over all dimensions between the batch and the channels can be trained");
        }

        _channels = Input.Shape[-1];
        _positions = Input.Shape.ElementCount / _channels;
    }

    public override void Forward(Shard shard)
    {
        Span<float> y = shard.Activation(Output);
        y.Clear();
        for (int n = 0; n < shard.Samples; n++)
        {
            Span<float> sums = y.Slice(n * _channels, _channels);
            Bias.AddSums(shard.Activation(Input).Slice(n * _positions * _channels, _positions * _channels), sums);
            TensorPrimitives.Multiply(sums, 1f / _positions, sums);
        }
    }

    public override void Backward(Shard shard)
    {
        if (!shard.NeedsGradient(Input))
        {
            return;
        }

        Span<float> dx = shard.Gradient(Input);
        for (int i = 0; i < dx.Length; i += _channels)
        {
            Span<float> dy = shard.Gradient(Output).Slice(i / (_positions * _channels) * _channels, _channels);
            Span<float> target = dx.Slice(i, _channels);
            TensorPrimitives.MultiplyAdd(dy, 1f / _positions, target, target);
        }
    }
}
