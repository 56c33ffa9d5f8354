using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training;

/// <summary>How one epoch went.</summary>
/// <param name="Loss">Mean over the training samples, while they were trained with.</param>
/// <param name="Accuracy">Likewise; NaN without labels.</param>
/// <param name="HeldOut">After the epoch, on the samples held out: accuracy, or the mean squared error where there are no labels; NaN where none were held out.</param>
internal readonly record struct EpochResult(double Loss, double Accuracy, double HeldOut);

/// <summary>
/// The state of a training after some epoch, from which it goes on as if it had never stopped, with the weights of the best epoch so far.
/// Each list of arrays is in the order of <see cref="TensorsOf"/>, the optimizer's in its own.
/// </summary>
/// <param name="Fingerprint">Of the network: <see cref="NetworkFingerprint"/>.</param>
/// <param name="OptimizerName">A state is of use to the same kind of optimizer alone.</param>
/// <param name="OptimizerSteps">Steps taken.</param>
/// <param name="History">Of every epoch until now.</param>
/// <param name="BestEpoch">From 0.</param>
internal sealed record Checkpoint(
    uint Fingerprint, string OptimizerName, int OptimizerSteps, IReadOnlyList<EpochResult> History, int BestEpoch,
    IReadOnlyList<float[]> Weights, IReadOnlyList<float[]> BestWeights, IReadOnlyList<float[]> OptimizerState)
{
    public int Epochs => History.Count;

    /// <summary>Everything in a graph that training changes: its parameters, and the running statistics of batch norm.</summary>
    public static IReadOnlyList<float[]> TensorsOf(Graph graph) =>
        [.. graph.Values().Where(v => v.Constant is { Type: ElementType.Float32 }).Select(v => v.Constant!.Floats)];

    /// <summary>Puts weights back into a graph.</summary>
    public static void Restore(IReadOnlyList<float[]> weights, IReadOnlyList<float[]> targets)
    {
        for (int i = 0; i < weights.Count; i++)
        {
            weights[i].CopyTo(targets[i], 0);
        }
    }
}
