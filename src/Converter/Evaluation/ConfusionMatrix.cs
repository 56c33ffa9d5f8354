using System.Numerics.Tensors;

namespace TinyInference.Converter.Evaluation;

/// <summary>How often each class was taken for each other, and what follows from it.</summary>
internal sealed class ConfusionMatrix
{
    private readonly int[,] _counts;

    /// <param name="classes">Number of classes.</param>
    public ConfusionMatrix(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Classes = classes;
        _counts = new int[classes, classes];
    }

    public int Classes { get; }

    public int Samples { get; private set; }

    public int Correct { get; private set; }

    /// <summary>Correct of all; NaN without samples.</summary>
    public double Accuracy => (double)Correct / Samples;

    /// <summary>Samples of a class that were taken for another (or the same).</summary>
    public int this[int label, int predicted] => _counts[label, predicted];

    public void Add(int label, int predicted)
    {
        _counts[label, predicted]++;
        Samples++;
        Correct += label == predicted ? 1 : 0;
    }

    /// <summary>Samples whose label is the class.</summary>
    public int Support(int label) => Enumerable.Range(0, Classes).Sum(predicted => _counts[label, predicted]);

    /// <summary>Of the samples taken for the class, the part that is of it; NaN where none was taken for it.</summary>
    public double Precision(int label) => (double)_counts[label, label] / Enumerable.Range(0, Classes).Sum(other => _counts[other, label]);

    /// <summary>Of the samples of the class, the part that was taken for it; NaN where there are none.</summary>
    public double Recall(int label) => (double)_counts[label, label] / Support(label);

    /// <summary>Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); NaN where the class occurs nowhere.</summary>
    public double F1(int label) =>
        2.0 * _counts[label, label] / (Support(label) + Enumerable.Range(0, Classes).Sum(other => _counts[other, label]));

    /// <summary>The class of the largest score; of equal ones the first, as TensorFlow's argmax has it.</summary>
    public static int ArgMax(ReadOnlySpan<float> scores) => TensorPrimitives.IndexOfMax(scores);
}
