using TinyInference.Converter.Evaluation;

namespace TinyInference.Converter.Cli.Prediction;

/// <summary>How good a network is on a data set.</summary>
/// <param name="Metric">accuracy, auc, meanSquaredError: what <paramref name="Value"/> is.</param>
internal sealed record EvaluationResult(string Metric, double Value, int Samples)
{
    public required string Network { get; init; }

    /// <summary>"float", "int8", or "int16" for trees that read this.</summary>
    public required string Arithmetic { get; init; }

    /// <summary>Only of classification.</summary>
    public ConfusionMatrix? Confusion { get; init; }

    /// <summary>As many as <see cref="Confusion"/> has classes.</summary>
    public string[] ClassNames { get; init; } = [];

    /// <summary>Other figures by name.</summary>
    public IReadOnlyList<(string Name, double Value)> Further { get; init; } = [];
}
