using System.Numerics.Tensors;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Compression.Repairs;

using TinyInference.Converter.Graphs;

/// <summary>
/// Rounds weights up or down so that the outputs of their operator change least, which is not always to the nearest. With the
/// rounding errors e of an output channel and the second moments H of its inputs, the squared error of the output is e^T H e
/// (M. Nagel et al., "Up or Down? Adaptive Rounding", arXiv 2004.10568, section 3); each weight in turn takes the neighbour that
/// makes this smaller, until none does. What is best for one operator need not be for the network, in which pooling takes means and
/// errors meet: an operator keeps its adapted weights only if the network's outputs, over the samples, are nearer to those of the
/// float network. Needs samples, but neither labels nor training.
/// </summary>
internal sealed class AdaptiveRounding
{
    /// <summary>Samples looked at.</summary>
    private const int MostSamples = 64;

    private readonly Graph _graph;
    private readonly Tensor[][] _inputs;
    private readonly Value _judged;
    private readonly float[][] _truth;
    private readonly CancellationToken _cancellation;

    private AdaptiveRounding(Graph graph, CalibrationSamples samples, CancellationToken cancellation)
    {
        _graph = graph;
        _cancellation = cancellation;
        int count = Math.Min(samples.Count, MostSamples);
        _inputs = [.. Enumerable.Range(0, count).Select(i => samples.Read((int)((long)i * samples.Count / count)))];

        // A softmax hides errors of answers that are certain.
        Value output = graph.Outputs[0];
        _judged = graph.Nodes.Find(n => n.Output == output) is { Operator: Softmax } softmax ? softmax.Input(0) : output;
        _truth = new float[count][];
    }

    /// <summary>Replaces the float weights of <paramref name="graph"/>'s operators by int8 ones with scales, which the quantizer keeps.</summary>
    /// <param name="graph">After all passes; changed in place, but not the constants it shares with others.</param>
    /// <param name="correctBiases">Whether biases take back what rounding adds on average.</param>
    /// <returns>How many operators were rounded, and for how many the nearest was not the best.</returns>
    public static (int Rounded, int Adapted) Apply(
        Graph graph, CalibrationSamples samples, WeightGranularity granularity, bool correctBiases, Action<double> progress, CancellationToken cancellation) =>
        new AdaptiveRounding(graph, samples, cancellation).Apply(granularity, correctBiases, progress);

    private (int Rounded, int Adapted) Apply(WeightGranularity granularity, bool correctBiases, Action<double> progress)
    {
        RoundedOperator[] all = [.. _graph.Nodes.Where(RoundedOperator.Applies).Select(n => new RoundedOperator(n, _inputs.Length))];
        Collect(all, progress);
        var adapted = new RoundedWeightsAndBias[all.Length];
        var nearest = new RoundedWeightsAndBias[all.Length];
        for (int i = 0; i < all.Length; i++)
        {
            (nearest[i], adapted[i]) = all[i].Round(_graph, granularity, correctBiases);
            nearest[i].Store(all[i].Node);
        }

        double least = all.Length == 0 ? 0 : Distance();
        int kept = 0;
        for (int i = 0; i < all.Length; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            adapted[i].Store(all[i].Node);
            double distance = Distance();
            if (distance < least)
            {
                least = distance;
                kept++;
            }
            else
            {
                nearest[i].Store(all[i].Node);
            }

            progress(0.3 + (0.7 * (i + 1) / all.Length));
        }

        return (all.Length, kept);
    }

    private void Collect(RoundedOperator[] all, Action<double> progress)
    {
        ILookup<Value, RoundedOperator> readers = all.ToLookup(r => r.Node.Input(0));
        var executor = new FloatExecutor(_graph);
        for (int i = 0; i < _inputs.Length; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            var random = new Random(i);
            executor.Run(_inputs[i], (value, tensor) =>
            {
                foreach (RoundedOperator reader in readers[value])
                {
                    reader.Collect(tensor.Floats, random);
                }

                if (value == _judged)
                {
                    _truth[i] = (float[])tensor.Floats.Clone();
                }
            });
            progress(0.3 * (i + 1) / _inputs.Length);
        }
    }

    /// <summary>The squared distance between the outputs of the graph as it is now and those of the float network, over all samples.</summary>
    private double Distance()
    {
        var executor = new FloatExecutor(_graph);
        var distances = new double[_inputs.Length];
        Parallel.For(0, _inputs.Length, new ParallelOptions { CancellationToken = _cancellation }, i => executor.Run(_inputs[i], (value, tensor) =>
        {
            if (value == _judged)
            {
                float distance = TensorPrimitives.Distance<float>(tensor.Floats, _truth[i]);
                distances[i] = (double)distance * distance;
            }
        }));
        return distances.Sum();
    }
}
