namespace TinyInference.Converter.Training.Trees;

/// <summary>Classes: the Gini impurity or the entropy falls. A leaf gives the part of its samples that each class has.</summary>
/// <param name="weights">How much a sample of each class counts; leaves give parts of that.</param>
internal sealed class ClassCriterion(FeatureTable table, int[] labels, double[] weights, bool entropy) : Criterion(table)
{
    protected override int Width => weights.Length + 1;

    public override int LeafWidth => weights.Length;

    protected override void Add(int row, Span<double> statistics)
    {
        statistics[0]++;
        statistics[labels[row] + 1] += weights[labels[row]];
    }

    /// <summary>n minus n times the impurity: sum of n_c^2 / n, or of n_c log(n_c / n).</summary>
    protected override double Score(ReadOnlySpan<double> statistics)
    {
        double sum = 0;
        double count = Sum(statistics);
        if (entropy)
        {
            foreach (double n in statistics[1..])
            {
                sum += n > 0 ? n * Math.Log(n / count) : 0;
            }

            return sum;
        }

        foreach (double n in statistics[1..])
        {
            sum += n * n;
        }

        return count > 0 ? sum / count : 0;
    }

    protected override void WriteLeaf(ReadOnlySpan<double> statistics, Span<float> values)
    {
        double count = Sum(statistics);
        for (int i = 0; i < weights.Length; i++)
        {
            values[i] = (float)(statistics[i + 1] / count);
        }
    }

    private static double Sum(ReadOnlySpan<double> statistics)
    {
        double sum = 0;
        foreach (double n in statistics[1..])
        {
            sum += n;
        }

        return sum;
    }
}
