namespace TinyInference.Converter.Training.Trees;

/// <summary>
/// Gradients and second derivatives of a loss: G^2 / (H + lambda) rises, a leaf gives -G / (H + lambda) times a rate. T. Chen, C. Guestrin, "XGBoost: A Scalable Tree Boosting
/// System", KDD 2016, eq. 5 to 7. With gradients -y, second derivatives 1, lambda 0 and rate 1 it is the least squares of a regression tree.
/// </summary>
/// <param name="gradients">One for each sample; may change between trees.</param>
/// <param name="curvatures">Second derivatives, likewise.</param>
internal sealed class GradientCriterion(FeatureTable table, double[] gradients, double[] curvatures, double lambda, double rate) : Criterion(table)
{
    protected override int Width => 3;

    public override int LeafWidth => 1;

    protected override void Add(int row, Span<double> statistics)
    {
        statistics[0]++;
        statistics[1] += gradients[row];
        statistics[2] += curvatures[row];
    }

    protected override double Score(ReadOnlySpan<double> statistics)
    {
        double weight = statistics[2] + lambda;
        return weight > 1e-12 ? statistics[1] * statistics[1] / weight : 0;
    }

    protected override void WriteLeaf(ReadOnlySpan<double> statistics, Span<float> values)
    {
        double weight = statistics[2] + lambda;
        values[0] = weight > 1e-12 ? (float)(-statistics[1] / weight * rate) : 0;
    }
}
