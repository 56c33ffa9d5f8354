using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>What a training has to learn from.</summary>
/// <param name="Train">To learn.</param>
/// <param name="HeldOut">To choose the best epoch by; null for none.</param>
/// <param name="Test">To judge the result by; null for none.</param>
/// <param name="Sample">Shape of one sample as the network sees it, without batch.</param>
/// <param name="Preparation">How data become the network's input.</param>
internal sealed record TrainingData(Dataset Train, Dataset? HeldOut, Dataset? Test, Shape Sample, InputPreparation Preparation)
{
    /// <summary>The names of the numbers of a sample as metadata have them, where words become numbers by them; null where all columns hold numbers: their order is enough.</summary>
    public string? FeatureNames => Train.FeatureNames is { } names && names.Any(n => n.Contains('=')) && !names.Any(n => n.Contains('\n')) ? string.Join('\n', names) : null;

    /// <summary>Checks that there are classes to tell apart.</summary>
    /// <param name="classes">That the network tells apart; null where it is made for the data.</param>
    /// <exception cref="InputException">There are no labels, or they are all of one class, or beyond the network's.</exception>
    public void CheckClasses(int? classes)
    {
        int[] labels = Train.Labels ?? throw new InputException($"{Train.Name}: has no labels, which a classifier learns from; give them with --labels FILE");
        int highest = Math.Max(labels.Max(), Test?.Labels?.Max() ?? 0);
        if (classes is { } count && highest >= count)
        {
            throw new InputException($"{Train.Name}: has labels up to {highest}, the network tells {count} classes (0 to {count - 1}) apart");
        }

        if (classes is null && Test?.Labels is not null && highest >= Train.ClassCount)
        {
            throw new InputException($"{Test.Name}: has labels up to {highest}, the training data only to {Train.ClassCount - 1}");
        }

        if (Array.TrueForAll(labels, l => l == labels[0]))
        {
            string name = Train.ClassNames is { } names && labels[0] < names.Count ? names[labels[0]] : $"{labels[0]}";
            throw new InputException($"{Train.Name}: all {labels.Length:N0} samples are of one class ({name}); there is nothing to tell apart: add samples of other classes");
        }

        if (Test is not null && Test.Labels is null)
        {
            throw new InputException($"{Test.Name}: has no labels to compare with; give them with --test-labels FILE");
        }
    }

    /// <summary>Factors that give every class the same weight in all: samples / (classes * samples of the class), mean 1 over the samples.</summary>
    public float[] BalancedWeights(int classes)
    {
        var counts = new int[classes];
        foreach (int label in Train.Labels!)
        {
            counts[label]++;
        }

        int present = counts.Count(c => c > 0);
        return Array.ConvertAll(counts, c => c == 0 ? 0 : (float)Train.Count / (present * (float)c));
    }

    /// <summary>The same samples for a network that reconstructs its input, where labels are no truth.</summary>
    public TrainingData WithoutLabels() => this with
    {
        Train = Train with { Labels = null },
        HeldOut = HeldOut is null ? null : HeldOut with { Labels = null },
        Test = Test is null ? null : Test with { Labels = null },
    };
}
