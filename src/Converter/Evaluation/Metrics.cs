namespace TinyInference.Converter.Evaluation;

/// <summary>Figures that say how good predictions are.</summary>
internal static class Metrics
{
    /// <summary>Whether the label is among the <paramref name="k"/> classes of largest score; of equal scores the first class comes first.</summary>
    /// <param name="scores">[classes].</param>
    /// <param name="label">The right class.</param>
    /// <param name="k">1 or more.</param>
    public static bool IsInTop(ReadOnlySpan<float> scores, int label, int k)
    {
        int better = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            better += scores[i] > scores[label] || (scores[i] == scores[label] && i < label) ? 1 : 0;
        }

        return better < k;
    }

    /// <summary>
    /// Area under the receiver operating characteristic: the part of pairs of a positive and a negative sample in which the positive one
    /// scores higher, equal scores counting half (Mann and Whitney 1947: U / (P N), from ranks). NaN where one kind is absent.
    /// </summary>
    /// <param name="scores">One for each sample; higher is more likely positive.</param>
    /// <param name="positive">One for each sample.</param>
    public static double RocAuc(ReadOnlySpan<float> scores, ReadOnlySpan<bool> positive)
    {
        if (scores.Length != positive.Length)
        {
            throw new ArgumentException("scores and labels differ in number", nameof(positive));
        }

        float[] sorted = scores.ToArray();
        bool[] kinds = positive.ToArray();
        Array.Sort(sorted, kinds);
        double rankSum = 0;
        long positives = 0;
        for (int start = 0; start < sorted.Length;)
        {
            int end = start;
            int positivesHere = 0;
            while (end < sorted.Length && sorted[end] == sorted[start])
            {
                positivesHere += kinds[end] ? 1 : 0;
                end++;
            }

            // Equal scores share the mean of ranks start + 1 to end.
            rankSum += positivesHere * ((start + 1 + end) / 2.0);
            positives += positivesHere;
            start = end;
        }

        double u = rankSum - (positives * (positives + 1) / 2.0);
        return u / ((double)positives * (sorted.Length - positives));
    }

    /// <summary>Mean of (predicted - actual)^2; NaN where there are none.</summary>
    public static double MeanSquaredError(ReadOnlySpan<float> predicted, ReadOnlySpan<float> actual) =>
        Mean(predicted, actual, difference => difference * difference);

    /// <summary>Mean of |predicted - actual|; NaN where there are none.</summary>
    public static double MeanAbsoluteError(ReadOnlySpan<float> predicted, ReadOnlySpan<float> actual) => Mean(predicted, actual, Math.Abs);

    private static double Mean(ReadOnlySpan<float> predicted, ReadOnlySpan<float> actual, Func<double, double> loss)
    {
        if (predicted.Length != actual.Length)
        {
            throw new ArgumentException("predictions and actual values differ in number", nameof(actual));
        }

        double sum = 0;
        for (int i = 0; i < predicted.Length; i++)
        {
            sum += loss((double)predicted[i] - actual[i]);
        }

        return sum / predicted.Length;
    }
}
