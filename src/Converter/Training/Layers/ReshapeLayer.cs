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
            Gradients.Add(shard, Input, shard.Gradient(Output));
        }
    }
}
