namespace TinyInference.Converter.Training.Trees;

/// <summary>Classes: the Gini impurity or the entropy falls. A leaf gives the part of its samples that each class has.</summary>
internal sealed class ClassCriterion(FeatureTable table, int[] labels, int classes, bool entropy) : Criterion(table)
{
    protected override int Width => classes + 1;

    public override int LeafWidth => classes;

    protected override void Add(int row, Span<double> statistics)
    {
        statistics[0]++;
        statistics[labels[row] + 1]++;
    }

    /// <summary>n minus n times the impurity: sum of n_c^2 / n, or of n_c log(n_c / n).</summary>
    protected override double Score(ReadOnlySpan<double> statistics)
    {
        double sum = 0;
        double count = statistics[0];
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
        for (int i = 0; i < classes; i++)
        {
            values[i] = (float)(statistics[i + 1] / statistics[0]);
        }
    }
}
