using System.Numerics.Tensors;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression;

/// <summary>
/// A loss and the sum of squared weights. Unlike the optimizer's decoupled decay this passes through Adam's normalisation, so that
/// weights that no sample asks for go to zero at the full rate; magnitude pruning then finds them (S. Han et al., arXiv 1506.02626,
/// section 3.1, on L2 for pruning).
/// </summary>
/// <param name="loss">What the samples ask for.</param>
/// <param name="factor">The penalty is factor / 2 * sum of w^2 over weights that decay.</param>
internal sealed class PenalizedObjective(Objective loss, float factor) : Objective
{
    public override double Apply(TrainableNetwork network, Shard shard, ReadOnlySpan<DrawnSample> samples, float weight)
    {
        // Each shard adds its samples' part, so that the whole batch adds the penalty once.
        float part = factor * weight * samples.Length;
        foreach (Parameter parameter in network.Parameters.Where(p => p.Decays))
        {
            Span<float> gradient = shard.Gradient(parameter);
            TensorPrimitives.MultiplyAdd(parameter.Data, part, gradient, gradient);
        }

        return loss.Apply(network, shard, samples, weight);
    }
}
