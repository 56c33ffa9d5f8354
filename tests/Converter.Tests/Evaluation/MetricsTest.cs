using TinyInference.Converter.Evaluation;

namespace Converter.Tests.Evaluation;

[TestClass]
public class MetricsTest
{
    [TestMethod]
    public void Auc_counts_pairs_and_half_of_ties()
    {
        Assert.AreEqual(1, Metrics.RocAuc([0.1f, 0.2f, 0.9f], [false, false, true]));
        Assert.AreEqual(0, Metrics.RocAuc([0.9f, 0.2f], [false, true]));
        Assert.AreEqual(0.5, Metrics.RocAuc([1f, 1f, 1f], [true, false, true]));
        Assert.AreEqual(double.NaN, Metrics.RocAuc([1f], [true]));
    }

    [TestMethod]
    public void Auc_equals_the_count_over_all_pairs()
    {
        var random = new Random(3);
        float[] scores = [.. Enumerable.Range(0, 200).Select(_ => (float)random.Next(30))];
        bool[] positive = [.. scores.Select(score => random.Next(40) < score)];
        double wins = 0;
        double pairs = 0;
        for (int p = 0; p < scores.Length; p++)
        {
            for (int n = 0; n < scores.Length; n++)
            {
                if (positive[p] && !positive[n])
                {
                    pairs++;
                    wins += scores[p] > scores[n] ? 1 : scores[p] == scores[n] ? 0.5 : 0;
                }
            }
        }

        Assert.AreEqual(wins / pairs, Metrics.RocAuc(scores, positive), 1e-12);
    }

    [TestMethod]
    public void Errors_are_means()
    {
        Assert.AreEqual(2.5, Metrics.MeanSquaredError([1, 4], [2, 2]));
        Assert.AreEqual(1.5, Metrics.MeanAbsoluteError([1, 4], [2, 2]));
        Assert.AreEqual(double.NaN, Metrics.MeanSquaredError([], []));
        Assert.ThrowsExactly<ArgumentException>(() => Metrics.MeanSquaredError([1], []));
    }

    [TestMethod]
    public void Equal_scores_go_to_the_first_class()
    {
        Assert.AreEqual(1, ConfusionMatrix.ArgMax([0, 3, 3]));
        Assert.IsTrue(Metrics.IsInTop([0, 3, 3], 1, 1));
        Assert.IsFalse(Metrics.IsInTop([0, 3, 3], 2, 1));
        Assert.IsTrue(Metrics.IsInTop([0, 3, 3], 2, 2));
        Assert.IsFalse(Metrics.IsInTop([0, 3, 3], 0, 2));
    }

    [TestMethod]
    public void Confusion_gives_accuracy_precision_and_recall()
    {
        var matrix = new ConfusionMatrix(3);
        foreach ((int label, int predicted) in new[] { (0, 0), (0, 0), (0, 1), (1, 1), (2, 1) })
        {
            matrix.Add(label, predicted);
        }

        Assert.AreEqual(0.6, matrix.Accuracy);
        Assert.AreEqual(1, matrix[0, 1]);
        Assert.AreEqual(2.0 / 3, matrix.Recall(0));
        Assert.AreEqual(1.0 / 3, matrix.Precision(1));
        Assert.AreEqual(0.5, matrix.F1(1));
        Assert.AreEqual(double.NaN, matrix.Precision(2));
        Assert.AreEqual(0.0, matrix.Recall(2));
        Assert.AreEqual(3, matrix.Support(0));
    }
}
