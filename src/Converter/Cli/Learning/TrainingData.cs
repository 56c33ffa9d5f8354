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
        ClassLabels.CheckLearnable(Train);
        if (classes is { } count)
        {
            ClassLabels.CheckRange(Train, count);
        }

        if (Test is null)
        {
            return;
        }

        if (Test.Labels is null)
        {
            throw new InputException($"{Test.Name}: has no labels to compare with; give them with --test-labels FILE");
        }

        ClassLabels.CheckRange(Test, classes ?? Train.ClassCount);
    }

    /// <summary>Checks that there are numbers to learn.</summary>
    /// <exception cref="InputException">A part has none.</exception>
    public void CheckTargets()
    {
        foreach (Dataset part in new[] { Train, HeldOut, Test }.OfType<Dataset>())
        {
            if (part.Targets is null)
            {
                throw new InputException($"{part.Name}: has no numbers to learn; a regression takes them from a column of a CSV file");
            }
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
