using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Trees;

/// <summary>
/// A number as a weighted sum of the inputs: least squares with a small penalty on the weights, of inputs brought to mean 0 and deviation 1 (A. E. Hoerl, R. W. Kennard, "Ridge
/// Regression", Technometrics 12 (1970)). Solved at once, by Cholesky's decomposition of the normal equations.
/// </summary>
internal static class Ridge
{
    private const double Penalty = 1e-3;
    private const int MostFeatures = 4096;

    /// <param name="problem">With targets.</param>
    /// <exception cref="InputException">There are too many features.</exception>
    public static Graph Train(TreeProblem problem)
    {
        int n = problem.Features;
        if (n > MostFeatures)
        {
            throw new InputException($"linear: samples have {n} numbers; at most {MostFeatures} can be weighed for a number");
        }

        Dataset data = problem.Train;
        (double[] means, double[] deviations) = Moments(problem);
        double mean = data.Targets!.Average(t => (double)t);
        var matrix = new double[n * n];
        var right = new double[n];
        var x = new float[n];
        var z = new double[n];
        for (int i = 0; i < data.Count; i++)
        {
            problem.Read(data, i, x);
            for (int a = 0; a < n; a++)
            {
                z[a] = (x[a] - means[a]) / deviations[a];
                right[a] += z[a] * (data.Targets![i] - mean);
                for (int b = 0; b <= a; b++)
                {
                    matrix[(a * n) + b] += z[a] * z[b];
                }
            }
        }

        for (int a = 0; a < n; a++)
        {
            matrix[(a * n) + a] += Penalty * data.Count;
        }

        Solve(matrix, right, n);
        double bias = mean;
        for (int a = 0; a < n; a++)
        {
            right[a] /= deviations[a];
            bias -= right[a] * means[a];
        }

        return ToGraph(Array.ConvertAll(right, w => (float)w), (float)bias);
    }

    private static (double[] Means, double[] Deviations) Moments(TreeProblem problem)
    {
        var means = new double[problem.Features];
        var squares = new double[problem.Features];
        var x = new float[problem.Features];
        int count = problem.Train.Count;
        for (int i = 0; i < count; i++)
        {
            problem.Read(problem.Train, i, x);
            for (int f = 0; f < x.Length; f++)
            {
                means[f] += (double)x[f] / count;
                squares[f] += (double)x[f] * x[f] / count;
            }
        }

        // What never changes has no weight, whatever it is divided by.
        return (means, [.. means.Select((m, f) => Math.Sqrt(Math.Max(squares[f] - (m * m), 0)) is var d && d > 1e-9 * (1 + Math.Abs(m)) ? d : 1)]);
    }

    /// <summary>Replaces <paramref name="right"/> by the solution for a positive definite matrix, of which the lower half is given.</summary>
    private static void Solve(double[] matrix, double[] right, int n)
    {
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[(i * n) + j];
                for (int k = 0; k < j; k++)
                {
                    sum -= matrix[(i * n) + k] * matrix[(j * n) + k];
                }

                matrix[(i * n) + j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / matrix[(j * n) + j];
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < i; k++)
            {
                right[i] -= matrix[(i * n) + k] * right[k];
            }

            right[i] /= matrix[(i * n) + i];
        }

        for (int i = n - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < n; k++)
            {
                right[i] -= matrix[(k * n) + i] * right[k];
            }

            right[i] /= matrix[(i * n) + i];
        }
    }

    private static Graph ToGraph(float[] weights, float bias)
    {
        var graph = new Graph { Name = "linear" };
        var x = new Value("input", ElementType.Float32, new Shape(1, weights.Length));
        var y = new Value("output", ElementType.Float32, new Shape(1, 1));
        graph.Inputs.Add(x);
        graph.Nodes.Add(new Node("linear", new FullyConnected(Clamp.None), [x, new Value("weights", new Graphs.Tensor(new Shape(1, weights.Length), weights)), new Value("bias", new Graphs.Tensor(new Shape(1), new[] { bias }))], [y]));
        graph.Outputs.Add(y);
        return graph;
    }
}
