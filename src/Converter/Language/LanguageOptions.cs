using TinyInference.Converter.Training;

namespace TinyInference.Converter.Language;

using TinyInference.Converter.Graphs;

/// <summary>The shape of a language model, and how it is trained.</summary>
internal sealed record LanguageOptions
{
    public RecurrentCellKind Cell { get; init; } = RecurrentCellKind.Lstm;

    /// <summary>The functions of the cell's gates and states.</summary>
    public GateForm Form { get; init; }

    /// <summary>Numbers in a word's vector, of each component.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>Numbers in the state.</summary>
    public int Units { get; init; } = 128;

    /// <summary>Sentences taken side by side.</summary>
    public int Streams { get; init; } = 32;

    /// <summary>Steps that are gone back through at once.</summary>
    public int Steps { get; init; } = 32;

    public Schedule Schedule { get; init; } = new(ScheduleKind.Cosine, 4e-3f, 0.02f);

    public float WeightDecay { get; init; } = 1e-2f;

    /// <summary>The most that the norm of a step's gradients may be.</summary>
    public float MostNorm { get; init; } = 1;

    /// <summary>Share of the numbers of the vectors that are dropped in training, by chance.</summary>
    public float VectorDropout { get; init; } = 0.1f;

    /// <summary>Likewise of the states that the softmax reads.</summary>
    public float StateDropout { get; init; } = 0.4f;

    /// <summary>Decides all chance; the same seed gives the same bytes.</summary>
    public int Seed { get; init; } = 1;
}
