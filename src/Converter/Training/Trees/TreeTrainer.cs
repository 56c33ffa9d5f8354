using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Trees;

/// <summary>Single trees and random forests.</summary>
internal static class TreeTrainer
{
    /// <summary>One tree of all samples.</summary>
    public static TreeEnsemble Tree(TreeProblem problem, TreeOptions options, bool entropy)
    {
        Criterion criterion = CriterionOf(problem, entropy, options.Threads);
        DecisionTree tree = new TreeGrower(criterion, options, new SplitMix(1)).Grow([.. Enumerable.Range(0, problem.Train.Count)], OutputOf(problem));
        return new TreeEnsemble(problem.Features, new float[Math.Max(1, problem.Classes)], [tree]);
    }

    /// <summary>
    /// Trees of samples drawn with replacement, each node of some features: L. Breiman, "Random Forests", Machine Learning 45 (2001). The mean of the trees is the result.
    /// </summary>
    /// <param name="progress">Told the part that is done, from several threads.</param>
    public static TreeEnsemble Forest(TreeProblem problem, TreeOptions options, bool entropy, int trees, int seed, Action<double> progress, CancellationToken cancellation)
    {
        Criterion criterion = CriterionOf(problem, entropy, options.Threads);
        int rows = problem.Train.Count;
        var grown = new DecisionTree[trees];
        int done = 0;
        Parallel.For(0, trees, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, i =>
        {
            // A stream of chance for each tree: the same whichever thread takes it.
            var random = new SplitMix(unchecked((seed * 1_000_003) + i));
            var drawn = new int[rows];
            for (int j = 0; j < rows; j++)
            {
                drawn[j] = random.Next(rows);
            }

            Array.Sort(drawn);
            grown[i] = new TreeGrower(criterion, options with { Threads = 1 }, random).Grow(drawn, OutputOf(problem)).WithValues(v => v / trees);
            progress((double)Interlocked.Increment(ref done) / trees);
        });
        return new TreeEnsemble(problem.Features, new float[Math.Max(1, problem.Classes)], grown);
    }

    private static int OutputOf(TreeProblem problem) => problem.Classes == 0 ? 0 : -1;

    private static Criterion CriterionOf(TreeProblem problem, bool entropy, int threads)
    {
        var table = FeatureTable.Create(problem.Train, problem.Scale, problem.Offset, FeatureTable.MostBins, threads);
        if (problem.Classes > 0)
        {
            return new ClassCriterion(table, problem.Train.Labels!, [.. Enumerable.Range(0, problem.Classes).Select(problem.WeightOf)], entropy);
        }

        double[] curvatures = new double[table.Rows];
        Array.Fill(curvatures, 1);
        return new GradientCriterion(table, Array.ConvertAll(problem.Train.Targets!, t => -(double)t), curvatures, 0, 1);
    }
}
