using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training;

/// <summary>A differentiable operator: takes a shard forward, and the gradient of its output back to its inputs and parameters.</summary>
internal abstract class Layer(Node node)
{
    public Node Node { get; } = node;

    protected Value Input => Node.Input(0);

    protected Value Output => Node.Output;

    /// <summary>Computes the output's activation.</summary>
    public abstract void Forward(Shard shard);

    /// <summary>
    /// Adds to the gradients of inputs (where <see cref="Shard.NeedsGradient"/>) and parameters what the output's gradient implies.
    /// Runs after <see cref="Forward"/> of the same shard.
    /// </summary>
    public abstract void Backward(Shard shard);

    /// <summary>Called once a step when all shards are through: batch norm moves its running statistics here.</summary>
    public virtual void Finish()
    {
    }
}
