using TinyInference.Converter.Data;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Cli.Learning;

using TinyInference.Converter.Graphs;

/// <summary>
/// Numbers to predict, brought to mean 0 and deviation 1 while a network learns them, so that the learning rate need not know their unit. The last layer takes the scale and
/// the offset back into its weights.
/// </summary>
/// <param name="Mean">Of the training part.</param>
/// <param name="Deviation">Likewise; 1 where all are equal.</param>
internal sealed record TargetScaling(double Mean, double Deviation)
{
    /// <exception cref="InputException">A part of the data has no numbers to learn.</exception>
    public static TargetScaling Of(TrainingData data)
    {
        data.CheckTargets();
        float[] targets = data.Train.Targets!;
        double mean = targets.Average(t => (double)t);
        double deviation = Math.Sqrt(targets.Average(t => (t - mean) * (t - mean)));
        return new TargetScaling(mean, deviation > 1e-12 * (1 + Math.Abs(mean)) ? deviation : 1);
    }

    /// <summary>The same samples with scaled numbers.</summary>
    public TrainingData Apply(TrainingData data) => data with
    {
        Train = Apply(data.Train),
        HeldOut = data.HeldOut is null ? null : Apply(data.HeldOut),
        Test = data.Test is null ? null : Apply(data.Test),
    };

    /// <summary>Lets a network that gives numbers give scaled ones.</summary>
    /// <exception cref="InputException">Its last layer is not fully connected with one output.</exception>
    public void Apply(Graph graph)
    {
        (float[] weights, float[] bias) = LastLayer(graph);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)(weights[i] / Deviation);
        }

        bias[0] = (float)((bias[0] - Mean) / Deviation);
    }

    /// <summary>A copy of a network that gives scaled numbers, which gives the numbers themselves.</summary>
    public Graph Undo(Graph graph)
    {
        Graph copy = TrainableGraph.Copy(graph);
        (float[] weights, float[] bias) = LastLayer(copy);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)(weights[i] * Deviation);
        }

        bias[0] = (float)((bias[0] * Deviation) + Mean);
        return copy;
    }

    private Dataset Apply(Dataset data) => data with { Targets = Array.ConvertAll(data.Targets!, t => (float)((t - Mean) / Deviation)) };

    private static (float[] Weights, float[] Bias) LastLayer(Graph graph) =>
        graph.Nodes.LastOrDefault() is { Operator: FullyConnected, Inputs.Count: 3 } last && last.Output == graph.Outputs[0] && last.Output.Shape.ElementCount == 1
            && last.Input(1).Constant is { Type: ElementType.Float32 } weights && last.OptionalInput(2)?.Constant is { Type: ElementType.Float32 } bias
            ? (weights.Floats, bias.Floats)
            : throw new InputException($"{graph.Name}: a network that learns a number ends in a fully connected layer with a bias and one output; this one does not");
}
