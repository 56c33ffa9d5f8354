using TinyInference.Converter.Data;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression;

using TinyInference.Converter.Graphs;

/// <summary>Trains a few epochs at a time, and judges the network in between.</summary>
/// <param name="data">To train and to judge with.</param>
/// <param name="batchSize">Samples of one step.</param>
/// <param name="seed">Of the order of the samples; every call goes on from it, so that no two have the same order.</param>
/// <param name="augmentation">What happens to samples by chance while training; null for nothing.</param>
/// <param name="mixup">How they are blended after that; null for not at all.</param>
internal sealed class FineTuner(LearningData data, int batchSize, int seed, Augmentation? augmentation = null, Mixup? mixup = null)
{
    /// <summary>Parts that a batch is taken through side by side: fixed, so that results do not depend on the machine.</summary>
    private const int Shards = 2;

    private int _calls;

    public LearningData Data => data;

    /// <summary>One of the same settings for other data.</summary>
    public FineTuner With(LearningData other) => new(other, batchSize, seed, augmentation, mixup);

    /// <param name="wrap">See <see cref="TrainableNetwork"/>.</param>
    /// <exception cref="InputException">The network can't be trained, or does not fit the data.</exception>
    public TrainableNetwork Open(Graph graph, Func<Layer, Layer>? wrap = null)
    {
        var network = new TrainableNetwork(graph, Shards, (batchSize + Shards - 1) / Shards, wrap);
        int inputs = network.Input.Shape.ElementCount;
        int classes = network.Output.Shape.ElementCount;
        foreach (Dataset set in new[] { data.Train, data.Validation })
        {
            if (set.SampleShape.ElementCount != inputs)
            {
                throw new InputException($"{set.Name}: a sample is {set.SampleShape} ({set.SampleShape.ElementCount:N0} numbers), the network's input '{network.Input.Name}' takes {network.Input.Shape} ({inputs:N0})");
            }

            ClassLabels.CheckRange(set, classes);
        }

        return network;
    }

    /// <summary>Trains with Adam on the labels or what else <paramref name="objective"/> asks.</summary>
    /// <param name="epochs">1 or more.</param>
    /// <param name="report">Told after every step; may change masks.</param>
    public void Train(TrainableNetwork network, Objective objective, int epochs, Schedule schedule, Action<TrainingProgress>? report, CancellationToken cancellation) =>
        Train(network, new Adam(network.Parameters), objective, epochs, schedule, report, null, cancellation);

    /// <param name="epochDone">Called after each epoch.</param>
    /// <inheritdoc cref="Train(TrainableNetwork, Objective, int, Schedule, Action{TrainingProgress}?, CancellationToken)"/>
    public void Train(
        TrainableNetwork network, Optimizer optimizer, Objective objective, int epochs, Schedule schedule, Action<TrainingProgress>? report, Action? epochDone, CancellationToken cancellation)
    {
        TrainingOptions options = Options() with { Epochs = epochs, Schedule = schedule, Seed = unchecked((seed * 1000) + _calls++) };
        new Trainer(network, optimizer, options).Train(
            data.Train,
            objective,
            progress =>
            {
                report?.Invoke(progress);
                if (progress.Step % (progress.Steps / epochs) == 0)
                {
                    epochDone?.Invoke();
                }
            },
            cancellation);
    }

    /// <summary>The share of the held-out samples that the network tells right.</summary>
    public double Accuracy(TrainableNetwork network, CancellationToken cancellation = default) => AccuracyOn(network, data.Validation, cancellation);

    public double AccuracyOn(TrainableNetwork network, Dataset samples, CancellationToken cancellation = default) => new Trainer(network, new Adam([]), Options()).Accuracy(samples, cancellation);

    private TrainingOptions Options() => new() { BatchSize = batchSize, WeightDecay = 0, Preparation = data.Preparation, Augmentation = augmentation, Mixup = mixup };
}
