using TinyInference.Converter.Data;

namespace TinyInference.Converter.Training;

/// <summary>What training makes small: a loss that reads the network's output and the samples' truth.</summary>
internal abstract class Objective
{
    /// <summary>
    /// Adds the loss's derivative by the network's output to the shard's gradient of it.
    /// </summary>
    /// <param name="samples">Which samples of the data are in the shard, in order, and what is blended into them.</param>
    /// <param name="weight">Of one sample: 1 / (samples in the whole batch).</param>
    /// <returns>The sum of the samples' losses, each times <paramref name="weight"/>.</returns>
    public abstract double Apply(TrainableNetwork network, Shard shard, ReadOnlySpan<DrawnSample> samples, float weight);
}

/// <summary>Cross entropy of softmax(output) with the labels of the data.</summary>
/// <param name="classWeights">One factor for each class, or null.</param>
internal sealed class LabelObjective(Dataset data, float[]? classWeights = null) : Objective
{
    private readonly int[] _labels = data.Labels ?? throw new InputException($"{data.Name}: training a classifier needs labels");

    public override double Apply(TrainableNetwork network, Shard shard, ReadOnlySpan<DrawnSample> samples, float weight)
    {
        Span<float> logits = shard.Activation(network.Output);
        Span<float> gradient = shard.Gradient(network.Output);
        int classes = network.Output.Shape.ElementCount;
        double loss = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            Span<float> slot = gradient.Slice(i * classes, classes);
            loss += Losses.MixedCrossEntropy(logits.Slice(i * classes, classes), samples[i], _labels, weight, classWeights, slot);
        }

        return loss;
    }
}

/// <summary>Squared error between the one output and the number that the data have for the sample.</summary>
internal sealed class RegressionObjective(Dataset data) : Objective
{
    private readonly float[] _targets = data.Targets ?? throw new InputException($"{data.Name}: has no numbers to learn");

    public override double Apply(TrainableNetwork network, Shard shard, ReadOnlySpan<DrawnSample> samples, float weight)
    {
        Span<float> output = shard.Activation(network.Output);
        Span<float> gradient = shard.Gradient(network.Output);
        double loss = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            float target = float.Lerp(_targets[samples[i].Index], _targets[samples[i].Other], samples[i].Share);
            loss += Losses.MeanSquaredError(output.Slice(i, 1), new ReadOnlySpan<float>(in target), weight, gradient.Slice(i, 1));
        }

        return loss;
    }
}

/// <summary>Mean squared error between output and input, for autoencoders.</summary>
internal sealed class ReconstructionObjective : Objective
{
    public override double Apply(TrainableNetwork network, Shard shard, ReadOnlySpan<DrawnSample> samples, float weight)
    {
        Span<float> output = shard.Activation(network.Output);
        Span<float> input = shard.Activation(network.Input);
        Span<float> gradient = shard.Gradient(network.Output);
        int size = network.Output.Shape.ElementCount;
        double loss = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            loss += Losses.MeanSquaredError(output.Slice(i * size, size), input.Slice(i * size, size), weight, gradient.Slice(i * size, size));
        }

        return loss;
    }
}
