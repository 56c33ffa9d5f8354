using TinyInference.Converter.Compression.Distillation;

namespace TinyInference.Converter.Compression.Pruning;

/// <summary>What is removed together.</summary>
internal enum PruningStructure
{
    /// <summary>Single weights, by their magnitude.</summary>
    Weights,

    /// <summary>Whole channels and neurons, by the L2 norm of their incoming weights: the network really gets smaller.</summary>
    Channels,

    /// <summary>The weights of three consecutive output channels at one place of the input: what a packed multiplication can skip.</summary>
    Block3,
}

/// <summary>How the share of what is left falls.</summary>
internal enum PruningSchedule
{
    /// <summary>The same share of what is left in each round, with retraining in between (S. Han et al., arXiv 1506.02626).</summary>
    Iterative,

    /// <summary>While training goes on, by a cubic: fast at first, slow in the end (M. Zhu and S. Gupta, arXiv 1710.01878, equation 1).</summary>
    Gradual,
}

/// <summary>How to prune.</summary>
internal sealed record PruningOptions
{
    public PruningStructure Structure { get; init; }

    public PruningSchedule Schedule { get; init; }

    /// <summary>The share of the weights (of the channels) that is to be left, above 0 and below 1.</summary>
    public double Keep { get; init; } = 0.1;

    /// <summary>Whether each layer keeps the same share; else what is smallest goes, wherever it is.</summary>
    public bool PerLayer { get; init; }

    /// <summary>Steps on the way; for <see cref="PruningSchedule.Gradual"/> the epochs on the way.</summary>
    public int Rounds { get; init; } = 10;

    /// <summary>Epochs of retraining after each round.</summary>
    public int EpochsPerRound { get; init; } = 1;

    /// <summary>Epochs of retraining after the last round.</summary>
    public int FinalEpochs { get; init; } = 5;

    /// <summary>What the accuracy on held-out samples may fall by; the last round within it is the result.</summary>
    public double MaxLoss { get; init; } = 0.003;

    public float Rate { get; init; } = 1e-3f;

    /// <summary>See <see cref="PenalizedObjective"/>.</summary>
    public float Penalty { get; init; } = 1e-4f;

    /// <summary>How the original network teaches the pruned one in retraining; null: only the labels do.</summary>
    public DistillationOptions? Distillation { get; init; }

    /// <summary>Output channels of a group of weights.</summary>
    public int BlockSize => Structure == PruningStructure.Block3 ? 3 : 1;
}
