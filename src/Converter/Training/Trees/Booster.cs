using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Trees;

/// <summary>What boosting is told.</summary>
/// <param name="Rounds">Trees for each output at most.</param>
/// <param name="Rate">Part of each tree that is taken.</param>
/// <param name="Lambda">Against large leaves.</param>
/// <param name="Bins">Different values of a feature that are told apart.</param>
/// <param name="Patience">Ends when the loss of what is held out has not fallen for so many rounds; null never.</param>
internal sealed record BoostingOptions(int Rounds, double Rate, double Lambda, int Bins, int? Patience);

/// <summary>
/// Gradient-boosted trees: J. H. Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", Annals of Statistics 29 (2001), with second derivatives. Classes: softmax of
/// one score each, of two classes the logistic function of the second's score. Numbers: squared error. The round with the least loss on what is held out is kept.
/// </summary>
internal sealed class Booster
{
    private readonly TreeProblem _problem;
    private readonly TreeOptions _trees;
    private readonly BoostingOptions _options;
    private readonly FeatureTable _table;
    private readonly float[] _start;
    private readonly double[] _gradients;
    private readonly double[] _curvatures;

    /// <summary>[rows, outputs].</summary>
    private readonly double[] _scores;

    private readonly double[] _heldScores;
    private readonly float[][] _held;

    public Booster(TreeProblem problem, TreeOptions trees, BoostingOptions options)
    {
        _problem = problem;
        _trees = trees;
        _options = options;
        _table = FeatureTable.Create(problem.Train, problem.Scale, problem.Offset, options.Bins, trees.Threads);
        _start = Start(problem);
        _gradients = new double[_table.Rows];
        _curvatures = new double[_table.Rows];
        _scores = Initial(_table.Rows);
        _held = [.. Enumerable.Range(0, problem.HeldOut?.Count ?? 0).Select(i =>
        {
            var x = new float[problem.Features];
            problem.Read(problem.HeldOut!, i, x);
            return x;
        })];
        _heldScores = Initial(_held.Length);
    }

    private int Outputs => _start.Length;

    /// <summary>Two classes: the first one's score stays 0.</summary>
    private int FirstOutput => _problem.Classes == 2 ? 1 : 0;

    public TreeEnsemble Run(Action<double> progress, CancellationToken cancellation)
    {
        var grown = new List<DecisionTree>();
        int best = 0;
        double least = double.PositiveInfinity;
        var criterion = new GradientCriterion(_table, _gradients, _curvatures, _options.Lambda, _options.Rate);
        var grower = new TreeGrower(criterion, _trees, new SplitMix(1));
        for (int round = 0; round < _options.Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            double[] before = (double[])_scores.Clone();
            for (int output = FirstOutput; output < Outputs; output++)
            {
                Derive(before, output);
                int target = output;
                DecisionTree tree = grower.Grow([.. Enumerable.Range(0, _table.Rows)], output, (rows, values) =>
                {
                    foreach (int row in rows)
                    {
                        _scores[(row * Outputs) + target] += values[0];
                    }
                });
                grown.Add(tree);
                for (int i = 0; i < _held.Length; i++)
                {
                    _heldScores[(i * Outputs) + output] += tree.Values[tree.Find(_held[i])];
                }
            }

            progress((round + 1.0) / _options.Rounds);
            double loss = _held.Length == 0 ? -round : Loss(_heldScores, _problem.HeldOut!);
            if (loss < least)
            {
                least = loss;
                best = round + 1;
            }
            else if (_options.Patience is { } patience && round + 1 - best >= patience)
            {
                break;
            }
        }

        return new TreeEnsemble(_problem.Features, _start, [.. grown.Take(best * (Outputs - FirstOutput))]);
    }

    /// <summary>The scores that without any input are best.</summary>
    private static float[] Start(TreeProblem problem)
    {
        if (problem.Classes == 0)
        {
            return [(float)problem.Train.Targets!.Average(t => (double)t)];
        }

        var counts = new double[problem.Classes];
        Array.Fill(counts, 0.5);
        foreach (int label in problem.Train.Labels!)
        {
            counts[label] += problem.WeightOf(label);
        }

        double all = counts.Sum();
        float[] logs = Array.ConvertAll(counts, c => (float)Math.Log(c / all));
        return problem.Classes == 2 ? [0, logs[1] - logs[0]] : logs;
    }

    private double[] Initial(int rows)
    {
        var scores = new double[rows * Outputs];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = _start[i % Outputs];
        }

        return scores;
    }

    /// <summary>Derivatives of the loss by the scores of <paramref name="output"/>.</summary>
    private void Derive(double[] scores, int output)
    {
        for (int row = 0; row < _table.Rows; row++)
        {
            ReadOnlySpan<double> own = scores.AsSpan(row * Outputs, Outputs);
            if (_problem.Classes == 0)
            {
                _gradients[row] = own[0] - _problem.Train.Targets![row];
                _curvatures[row] = 1;
                continue;
            }

            double p = Math.Exp(own[output] - LogSum(own));
            int label = _problem.Train.Labels![row];
            double weight = _problem.WeightOf(label);
            _gradients[row] = weight * (p - (label == output ? 1 : 0));
            _curvatures[row] = weight * Math.Max(p * (1 - p), 1e-16);
        }
    }

    private double Loss(double[] scores, Dataset data)
    {
        double sum = 0;
        for (int row = 0; row < data.Count; row++)
        {
            ReadOnlySpan<double> own = scores.AsSpan(row * Outputs, Outputs);
            sum += _problem.Classes == 0 ? (own[0] - data.Targets![row]) * (own[0] - data.Targets[row]) : _problem.WeightOf(data.Labels![row]) * (LogSum(own) - own[data.Labels[row]]);
        }

        return sum / data.Count;
    }

    private static double LogSum(ReadOnlySpan<double> scores)
    {
        double largest = double.NegativeInfinity;
        foreach (double score in scores)
        {
            largest = Math.Max(largest, score);
        }

        double sum = 0;
        foreach (double score in scores)
        {
            sum += Math.Exp(score - largest);
        }

        return largest + Math.Log(sum);
    }
}
