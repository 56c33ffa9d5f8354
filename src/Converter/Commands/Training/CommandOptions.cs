using TinyInference.Converter.Language;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Commands.Training;

using TinyInference.Converter.Graphs;

/// <summary>The shape of a network for commands, and how it is trained.</summary>
internal sealed record CommandOptions
{
    public RecurrentCellKind Cell { get; init; } = RecurrentCellKind.Gru;

    /// <summary>Numbers in a word's vector, of each component.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>Numbers in the state.</summary>
    public int Units { get; init; } = 96;

    /// <summary>Words that are read after a word before its slot is decided.</summary>
    public int Delay { get; init; } = 1;

    /// <summary>Sentences of a step.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>Epochs in which each word has a vector of its own.</summary>
    public int WordEpochs { get; init; } = 3;

    /// <summary>Epochs with the table.</summary>
    public int Epochs { get; init; } = 12;

    /// <summary>How often a word must occur to be known.</summary>
    public int LeastCount { get; init; } = 2;

    /// <summary>Words that are known at most.</summary>
    public int MostWords { get; init; } = 20_000;

    /// <summary>The table's side, in sides of the smallest one that holds the words: cells that stay empty leave words more choice.</summary>
    public double Spread { get; init; } = 2;

    public Schedule Schedule { get; init; } = new(ScheduleKind.Cosine, 1e-2f, 0.05f);

    public float WeightDecay { get; init; } = 1e-2f;

    /// <summary>The most that the norm of a step's gradients may be.</summary>
    public float MostNorm { get; init; } = 1;

    /// <summary>
    /// The network that is kept is the exponential moving average over the steps with the table: this share of it stays at each step (Polyak and Juditsky 1992,
    /// with decay). 0 keeps the last step's.
    /// </summary>
    public float Average { get; init; } = 0.999f;

    /// <summary>Share of the words that are taken for unknown in training, by chance.</summary>
    public float WordDropout { get; init; } = 0.04f;

    /// <summary>Share of the words outside of slots that are left out in training, by chance.</summary>
    public float WordDeletion { get; init; } = 0.01f;

    /// <summary>Share of the values of slots with many values whose words are taken for unknown: what stands around them must tell the slot.</summary>
    public float ValueDropout { get; init; } = 0.1f;

    /// <summary>Share of the commands that stand beside something that is no command.</summary>
    public float Context { get; init; } = 0.1f;

    /// <summary>Share of the numbers of the vectors that are dropped in training.</summary>
    public float VectorDropout { get; init; }

    /// <summary>Likewise of what the softmaxes read.</summary>
    public float StateDropout { get; init; } = 0.2f;

    /// <summary>Decides all chance; the same seed gives the same bytes.</summary>
    public int Seed { get; init; } = 1;
}
