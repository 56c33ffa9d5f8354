using TinyInference.Converter.Data;
using TinyInference.Converter.Features;

namespace TinyInference.Converter.Compression;

/// <summary>Samples that a network is retrained on, and samples held out from that, by which its accuracy is judged.</summary>
/// <param name="Preparation">How they become the network's real input.</param>
internal sealed record LearningData(Dataset Train, Dataset Validation, InputPreparation Preparation)
{
    private const double HeldOut = 0.1;

    /// <summary>Holds out a tenth of the data, of each class the same part.</summary>
    /// <exception cref="InputException">There are no labels, only one class, or too few samples.</exception>
    public static LearningData Split(Dataset data, int seed, InputPreparation preparation)
    {
        ClassLabels.CheckLearnable(data);
        (Dataset kept, Dataset heldOut) = data.Split(HeldOut, seed);
        return heldOut.Count == 0 || kept.Count == 0
            ? throw new InputException($"{data.Name}: {data.Count} samples are too few to hold some out for judging; give more")
            : new LearningData(kept, heldOut, preparation);
    }
}
