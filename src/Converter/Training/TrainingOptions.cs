using TinyInference.Converter.Features;

namespace TinyInference.Converter.Training;

/// <summary>How to train.</summary>
internal sealed record TrainingOptions
{
    public int Epochs { get; init; } = 20;

    public int BatchSize { get; init; } = 64;

    public Schedule Schedule { get; init; } = new(ScheduleKind.Cosine, 2e-3f, 0.05f);

    public float WeightDecay { get; init; } = 1e-4f;

    /// <summary>Decides the order of the samples and every other chance; the same seed gives the same bytes.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How data become the network's real input.</summary>
    public InputPreparation Preparation { get; init; } = new();

    /// <summary>What happens to a sample, by chance, each time it is trained with; null for nothing.</summary>
    public Augmentation? Augmentation { get; init; }

    /// <summary>How samples are blended with others after that; null for not at all.</summary>
    public Mixup? Mixup { get; init; }

    /// <summary>Epochs without a better result after which training ends early; null: never.</summary>
    public int? Patience { get; init; }
}
