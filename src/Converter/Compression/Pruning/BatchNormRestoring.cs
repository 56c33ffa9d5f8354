using TinyInference.Converter.Data;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Passes;

namespace TinyInference.Converter.Compression.Pruning;

using TinyInference.Converter.Graphs;

/// <summary>
/// Gives the convolutions of a network whose batch norm was folded away a batch norm again, with the mean and deviation that each
/// channel has on data, so that it computes the same. When channels go, it keeps the others' means and deviations where they were
/// (K. Jordan et al., "REPAIR", arXiv 2211.08403), and retraining bears a high rate.
/// </summary>
internal static class BatchNormRestoring
{
    private const int MostSamples = 256;
    private const float Epsilon = 1e-5f;

    /// <summary>Puts batch norm behind the convolutions of a network that has none.</summary>
    /// <param name="graph">Float, activations are operators of their own; changed in place.</param>
    /// <param name="data">Samples as training sees them.</param>
    /// <returns>Whether there was something to do.</returns>
    public static bool Restore(Graph graph, LearningData data)
    {
        Node[] nodes = [.. graph.Nodes.Where(n => n.Operator is Conv2D or DepthwiseConv2D && !graph.Outputs.Contains(n.Output))];
        if (nodes.Length == 0 || graph.Nodes.Exists(n => n.Operator is BatchNorm))
        {
            return false;
        }

        Dictionary<Value, Moments> moments = Measure(graph, nodes, data);
        var rewriter = new GraphRewriter(graph);
        foreach (Node node in nodes)
        {
            (float[] means, float[] variances) = moments[node.Output].Result();
            Value raw = rewriter.NewValue(node.Output, node.Output.Shape);
            Value Constant(string name, float[] data) => rewriter.NewConstant($"{node.Output.Name}/{name}", new Tensor(new Shape(data.Length), data));
            Value output = node.Output;
            var norm = new Node(node.Name + "/norm", new BatchNorm(Epsilon),
                [raw, Constant("scale", Array.ConvertAll(variances, v => MathF.Sqrt(v + Epsilon))), Constant("bias", (float[])means.Clone()), Constant("mean", means), Constant("variance", variances)],
                [output]);
            node.Outputs[0] = raw;
            graph.Nodes.Insert(graph.Nodes.IndexOf(node) + 1, norm);
        }

        GraphValidator.Validate(graph);
        return true;
    }

    /// <summary>A copy without what <see cref="Restore"/> has put in.</summary>
    public static Graph Fold(Graph graph)
    {
        Graph folded = graph.Clone();
        new BatchNormFolding().Apply(folded);
        return folded;
    }

    private static Dictionary<Value, Moments> Measure(Graph graph, Node[] nodes, LearningData data)
    {
        Dictionary<Value, Moments> moments = nodes.ToDictionary(n => n.Output, n => new Moments(n.Output.Shape[-1]));
        var executor = new FloatExecutor(graph);
        int count = Math.Min(MostSamples, data.Train.Count);
        for (int i = 0; i < count; i++)
        {
            var sample = new float[data.Train.SampleShape.ElementCount];
            data.Train.Read((int)((long)i * data.Train.Count / count), sample);
            data.Preparation.Apply(sample);
            executor.Run([new Tensor(graph.Inputs[0].Shape, sample)], (value, tensor) =>
            {
                if (moments.TryGetValue(value, out Moments? own))
                {
                    own.Add(tensor.Floats);
                }
            });
        }

        return moments;
    }

    /// <summary>Sums over all places of all samples.</summary>
    private sealed class Moments(int channels)
    {
        private readonly double[] _sums = new double[channels];
        private readonly double[] _squares = new double[channels];
        private long _rows;

        public void Add(float[] data)
        {
            for (int i = 0; i < data.Length; i++)
            {
                _sums[i % channels] += data[i];
                _squares[i % channels] += (double)data[i] * data[i];
            }

            _rows += data.Length / channels;
        }

        public (float[] Means, float[] Variances) Result() => (
            Array.ConvertAll(_sums, s => (float)(s / _rows)),
            [.. _sums.Zip(_squares, (s, q) => (float)Math.Max((q / _rows) - (s / _rows * (s / _rows)), 0))]);
    }
}
