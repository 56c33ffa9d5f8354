using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Data;

/// <summary>What the user, and the model that is at hand, say about a data set.</summary>
internal sealed record DatasetOptions
{
    public static readonly DatasetOptions Default = new();

    /// <summary>File of labels; null: where the format has its own, or found beside the data.</summary>
    public string? LabelsPath { get; init; }

    /// <summary>CSV: name or zero-based index of the label column (-1 is the last), "none" for no labels; null: the last.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>CSV: names or zero-based indices of columns to leave out.</summary>
    public IReadOnlyList<string> IgnoreColumns { get; init; } = [];

    /// <summary>CSV: the names of the numbers that the model takes, as <see cref="Dataset.FeatureNames"/> has them: columns are found by them, words become the numbers that the model knows. Null: all columns.</summary>
    public IReadOnlyList<string>? FeatureNames { get; init; }

    /// <summary>The label is a number to predict, not a class.</summary>
    public bool Regression { get; init; }

    /// <summary>At most this many samples; null: all.</summary>
    public int? Limit { get; init; }

    /// <summary>Numbers in one sample of the model's input; null: not known, then not checked, and files without a header cannot be read.</summary>
    public int? ExpectedElements { get; init; }

    /// <summary>Height x width x channels that pictures are brought to; null: those of the first picture.</summary>
    public Shape? ImageShape { get; init; }

    /// <summary>The model's classes in its order; labels are looked up there, and must be among them. Null: taken from the data.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>What WAV becomes; null: the sound itself.</summary>
    public FeatureSettings? Features { get; init; }

    public RawType RawType { get; init; } = RawType.Int8;
}
