namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>
/// Turns tree ensembles into integers. Their leaves' values become multiples of one scale, their outputs 32-bit sums of those. An input of the graph that only
/// trees read is compared and never multiplied: it is int8 or int16 where calibration samples show that the trees decide as before, else it stays as it is,
/// for the bits of floats are in the order of the numbers. A softmax at the end is left out: the order of the scores is that of the probabilities.
/// </summary>
internal static class TreeEnsembles
{
    /// <summary>Of so many samples one may be decided otherwise.</summary>
    private const int SamplesPerDifference = 2000;

    /// <summary>Numbers, not classes: the largest part of the outputs' deviation that rounding may add.</summary>
    private const double MostError = 1e-3;

    private const int MostLeaf = short.MaxValue;
    private const double MostSum = 1 << 30;

    /// <summary>Whether the graph has inputs whose form samples could decide.</summary>
    public static bool HasInputs(Graph graph) => graph.Inputs.Any(i => IsCompared(graph, i));

    /// <summary>Values that need no scale of an int8 activation: what trees give, and inputs that only trees read.</summary>
    public static HashSet<Value> Own(Graph graph) =>
        [.. graph.Inputs.Where(i => IsCompared(graph, i)), .. graph.Nodes.Where(n => n.Operator is TreeEnsemble).Select(n => n.Output)];

    /// <param name="graph">Is changed.</param>
    /// <param name="samples">Null where there are none: inputs stay floats then.</param>
    public static void Quantize(Graph graph, CalibrationSamples? samples)
    {
        if (!graph.Nodes.Exists(n => n.Operator is TreeEnsemble))
        {
            return;
        }

        DropProbabilities(graph);
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            if (samples is { Count: > 0 } && IsCompared(graph, graph.Inputs[i]))
            {
                ChooseInput(graph, i, samples);
            }
        }

        foreach (Node node in graph.Nodes.Where(n => n.Operator is TreeEnsemble && n.Output.Type == ElementType.Float32))
        {
            QuantizeLeaves(node);
        }
    }

    private static bool IsCompared(Graph graph, Value input) =>
        input is { Type: ElementType.Float32, Quantization: null } && !graph.Outputs.Contains(input)
        && graph.Nodes.Exists(n => n.Inputs.Contains(input)) && graph.Nodes.TrueForAll(n => n.Operator is TreeEnsemble || !n.Inputs.Contains(input));

    private static void DropProbabilities(Graph graph)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            bool isMonotone = node.Operator is Softmax or Unary { Function: UnaryFunction.Sigmoid } && node.Output.Shape.ElementCount > 1;
            if (isMonotone && graph.Outputs.Contains(node.Output) && graph.Nodes.Find(n => n.Outputs.Contains(node.Input(0))) is { Operator: TreeEnsemble } trees
                && graph.Nodes.TrueForAll(n => n == node || (!n.Inputs.Contains(trees.Output) && !n.Inputs.Contains(node.Output))))
            {
                (node.Output.Name, trees.Output.Name) = (trees.Output.Name, node.Output.Name);
                graph.Nodes.Remove(node);
                graph.Outputs[graph.Outputs.IndexOf(node.Output)] = trees.Output;
            }
        }
    }

    private static void ChooseInput(Graph graph, int index, CalibrationSamples samples)
    {
        Value input = graph.Inputs[index];
        Node[] readers = [.. graph.Nodes.Where(n => n.Inputs.Contains(input))];
        float[] thresholds = [.. readers.SelectMany(n => ((TreeEnsemble)n.Operator).Trees).SelectMany(t => t.Nodes).Where(n => !n.IsLeaf).Select(n => n.Threshold)];
        if (thresholds.Length == 0 || !Array.TrueForAll(thresholds, float.IsFinite))
        {
            return;
        }

        foreach ((ElementType type, int least, int most) in new[] { (ElementType.Int8, (int)sbyte.MinValue, (int)sbyte.MaxValue), (ElementType.Int16, short.MinValue, short.MaxValue) })
        {
            QuantizationParameters parameters = Parameters(thresholds, least, most);
            TreeEnsemble[] rounded = [.. readers.Select(r => Rounded((TreeEnsemble)r.Operator, parameters))];
            if (readers.Select((r, i) => Decides((TreeEnsemble)r.Operator, rounded[i], samples, index, parameters, least, most)).All(same => same))
            {
                input.Type = type;
                input.Quantization = parameters;
                for (int i = 0; i < readers.Length; i++)
                {
                    readers[i].Operator = rounded[i];
                }

                return;
            }
        }
    }

    /// <summary>Parameters under which the lowest threshold lies between the two lowest integers, the highest between the two highest: what is beyond need not be told apart.</summary>
    private static QuantizationParameters Parameters(float[] thresholds, int least, int most)
    {
        double low = Math.Min(0, thresholds.Min() - 0.5);
        double high = Math.Max(0, thresholds.Max() + 0.5);
        bool areIntegers = high - low <= most - least && Array.TrueForAll(thresholds, t => 2 * t == MathF.Floor(2 * t));
        if (!areIntegers)
        {
            low = Math.Min(0, thresholds.Min());
            high = Math.Max(0, thresholds.Max());
        }

        float scale = areIntegers ? 1 : (float)((high - low) / (most - least - 1));
        if (!float.IsNormal(scale))
        {
            scale = 1;
        }

        return new QuantizationParameters(scale, (int)Math.Clamp(Math.Round(least - (low / scale)), least, most));
    }

    /// <summary>Thresholds moved to the middle between two integers.</summary>
    private static TreeEnsemble Rounded(TreeEnsemble ensemble, QuantizationParameters q) =>
        ensemble with { Trees = Array.ConvertAll(ensemble.Trees, t => t.WithQuestions(n => n with { Threshold = (float)((Math.Floor(n.Threshold / (double)q.Scale) + 0.5) * q.Scale) })) };

    private static bool Decides(TreeEnsemble original, TreeEnsemble rounded, CalibrationSamples samples, int index, QuantizationParameters q, int least, int most)
    {
        var expected = new float[original.Outputs];
        var actual = new float[original.Outputs];
        int differences = 0;
        double error = 0;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < samples.Count; i++)
        {
            float[] x = (float[])samples.Read(i)[index].Floats.Clone();
            original.Predict(x, expected);
            for (int f = 0; f < x.Length; f++)
            {
                x[f] = q.Scale * ((float)Math.Clamp(Math.Round((double)(x[f] / q.Scale), MidpointRounding.AwayFromZero) + q.ZeroPoint, least, most) - q.ZeroPoint);
            }

            rounded.Predict(x, actual);
            differences += expected.AsSpan().IndexOf(expected.Max()) == actual.AsSpan().IndexOf(actual.Max()) ? 0 : 1;
            error += (expected[0] - actual[0]) * (double)(expected[0] - actual[0]);
            sum += expected[0];
            squares += expected[0] * (double)expected[0];
        }

        double variance = (squares / samples.Count) - (sum / samples.Count * sum / samples.Count);
        return original.Outputs > 1 ? differences <= samples.Count / SamplesPerDifference : error / samples.Count <= MostError * MostError * Math.Max(variance, 0);
    }

    private static void QuantizeLeaves(Node node)
    {
        var ensemble = (TreeEnsemble)node.Operator;
        double largest = ensemble.Trees.Max(Largest);
        double total = ensemble.Base.Max(b => Math.Abs((double)b)) + ensemble.Trees.Sum(Largest);
        float scale = (float)Math.Max(largest / MostLeaf, total / MostSum);
        if (!float.IsNormal(scale))
        {
            scale = 1;
        }

        float Round(float value) => (float)(Math.Round(value / (double)scale) * scale);
        node.Operator = ensemble with { Base = Array.ConvertAll(ensemble.Base, Round), Trees = Array.ConvertAll(ensemble.Trees, t => t.WithValues(Round)) };
        node.Output.Type = ElementType.Int32;
        node.Output.Quantization = new QuantizationParameters(scale, 0);
    }

    private static double Largest(DecisionTree tree) => tree.Values.Length == 0 ? 0 : tree.Values.Max(v => Math.Abs((double)v));
}
