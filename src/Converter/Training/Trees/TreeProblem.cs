using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Trees;

/// <summary>What trees are to learn: classes, or a number.</summary>
/// <param name="Train">With labels, or with targets.</param>
/// <param name="HeldOut">To choose by; null for none.</param>
/// <param name="Classes">0 for a number.</param>
/// <param name="Scale">Number of a sample to input: number * scale + offset.</param>
/// <param name="Offset">See <paramref name="Scale"/>.</param>
internal sealed record TreeProblem(Dataset Train, Dataset? HeldOut, int Classes, float Scale, float Offset)
{
    /// <summary>A factor for the samples of each class; null where all count the same.</summary>
    public float[]? ClassWeights { get; init; }

    public int Features => Train.SampleShape.ElementCount;

    /// <summary>The part of the samples that a network decides rightly; of numbers the mean squared error. NaN without samples.</summary>
    public double Measure(TreeEnsemble ensemble, Dataset? data)
    {
        if (data is null || data.Count == 0)
        {
            return double.NaN;
        }

        var x = new float[Features];
        var y = new float[ensemble.Outputs];
        double sum = 0;
        for (int i = 0; i < data.Count; i++)
        {
            Read(data, i, x);
            ensemble.Predict(x, y);
            sum += Classes == 0 ? Square(y[0] - data.Targets![i]) : y.AsSpan().IndexOf(y.Max()) == data.Labels![i] ? 1 : 0;
        }

        return sum / data.Count;
    }

    /// <summary>The input that sample <paramref name="index"/> becomes.</summary>
    public void Read(Dataset data, int index, float[] x)
    {
        data.Read(index, x);
        for (int f = 0; f < x.Length; f++)
        {
            x[f] = (x[f] * Scale) + Offset;
        }
    }

    /// <summary>How much a sample of this class counts.</summary>
    public double WeightOf(int label) => ClassWeights?[label] ?? 1;

    private static double Square(double x) => x * x;
}
