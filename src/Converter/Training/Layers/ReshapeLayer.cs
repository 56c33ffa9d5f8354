using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>The same elements under another shape.</summary>
internal sealed class ReshapeLayer(Node node) : Layer(node)
{
    public override void Forward(Shard shard) => shard.Activation(Input).CopyTo(shard.Activation(Output));

    public override void Backward(Shard shard)
    {
        if (shard.NeedsGradient(Input))
        {
            Span<float> dx = shard.Gradient(Input);
            TensorPrimitives.Add(dx, shard.Gradient(Output), dx);
        }
    }
}
