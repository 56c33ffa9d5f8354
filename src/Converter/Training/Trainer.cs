using System.Numerics.Tensors;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Training;

/// <summary>Where a training is: told after every step.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">In the whole training, from 1.</param>
/// <param name="Steps">Of the whole training.</param>
/// <param name="Loss">Mean over the samples of this epoch so far.</param>
/// <param name="Accuracy">Likewise, the share of samples whose largest output is that of their label; NaN without labels.</param>
internal readonly record struct TrainingProgress(int Epoch, int Step, int Steps, double Loss, double Accuracy = double.NaN);

/// <summary>Trains a network on data: shuffles, takes batches through the shards side by side, steps the optimizer.</summary>
internal sealed class Trainer
{
    private readonly TrainableNetwork _network;
    private readonly Optimizer _optimizer;
    private readonly TrainingOptions _options;

    public Trainer(TrainableNetwork network, Optimizer optimizer, TrainingOptions options)
    {
        _network = network;
        _optimizer = optimizer;
        _options = options;
        optimizer.WeightDecay = options.WeightDecay;
    }

    /// <summary>Trains for all epochs of the options.</summary>
    /// <exception cref="InputException">The data holds no sample, or the loss is no longer a number.</exception>
    public void Train(Dataset data, Objective objective, Action<TrainingProgress>? report, CancellationToken cancellation)
    {
        for (int epoch = 0; epoch < _options.Epochs; epoch++)
        {
            TrainEpoch(epoch, data, objective, report, cancellation);
        }
    }

    /// <summary>Trains for one epoch: every sample once, in an order that seed and epoch decide.</summary>
    /// <param name="epoch">From 0; decides the learning rate too.</param>
    /// <returns>How the epoch went in all.</returns>
    /// <exception cref="InputException">The data holds no sample, or the loss is no longer a number.</exception>
    public TrainingProgress TrainEpoch(int epoch, Dataset data, Objective objective, Action<TrainingProgress>? report, CancellationToken cancellation)
    {
        if (data.Count == 0)
        {
            throw new InputException($"{data.Name} holds no sample to train on");
        }

        int batches = (data.Count + _options.BatchSize - 1) / _options.BatchSize;
        int steps = batches * _options.Epochs;
        int[] order = [.. Enumerable.Range(0, data.Count)];
        new Random(Mix(_options.Seed, epoch)).Shuffle(order);
        double loss = 0;
        int right = 0;
        TrainingProgress progress = default;
        for (int batch = 0; batch < batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            int step = (epoch * batches) + batch;
            int first = batch * _options.BatchSize;
            ReadOnlyMemory<int> indices = order.AsMemory(first, Math.Min(_options.BatchSize, data.Count - first));
            _optimizer.LearningRate = _options.Schedule.At((double)step / steps);
            (double batchLoss, int batchRight) = Step(data, objective, indices, epoch);
            if (!double.IsFinite(batchLoss))
            {
                throw new InputException($"the loss is no longer a number at step {step + 1} of {steps} (epoch {epoch + 1}): lower the learning rate, or look for extreme values in {data.Name}");
            }

            loss += (batchLoss - loss) / (batch + 1);
            right += batchRight;
            progress = new TrainingProgress(epoch + 1, step + 1, steps, loss, data.Labels is null ? double.NaN : (double)right / (first + indices.Length));
            if (batch == batches - 1)
            {
                CheckWeights(data, progress);
            }

            report?.Invoke(progress);
        }

        return progress;
    }

    /// <summary>The last step of an epoch has no loss after it that would tell.</summary>
    private void CheckWeights(Dataset data, TrainingProgress progress)
    {
        if (_network.Parameters.FirstOrDefault(p => !TensorPrimitives.IsFiniteAll<float>(p.Data)) is { } lost)
        {
            throw new InputException($"the weights '{lost.Value.Name}' are no longer numbers after step {progress.Step} of {progress.Steps} (epoch {progress.Epoch}): lower the learning rate, or look for extreme values in {data.Name}");
        }
    }

    /// <summary>Runs the network on every sample and hands each output to <paramref name="collect"/> (called from several threads).</summary>
    public void Evaluate(Dataset data, Action<int, ReadOnlyMemory<float>> collect, CancellationToken cancellation = default)
    {
        int[] order = [.. Enumerable.Range(0, data.Count)];
        int size = _network.Output.Shape.ElementCount;
        for (int first = 0; first < data.Count; first += _options.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlyMemory<int> indices = order.AsMemory(first, Math.Min(_options.BatchSize, data.Count - first));
            ForEachShard(indices, (shard, part) =>
            {
                shard.IsTraining = false;
                Load(data, shard, part.Span);
                _network.Forward(shard);
                float[] outputs = shard.Activation(_network.Output).ToArray();
                for (int i = 0; i < part.Length; i++)
                {
                    collect(part.Span[i], outputs.AsMemory(i * size, size));
                }
            });
        }
    }

    /// <summary>The share of samples whose largest output is that of their label.</summary>
    public double Accuracy(Dataset data, CancellationToken cancellation = default)
    {
        int right = 0;
        Evaluate(data, (index, output) =>
        {
            if (TensorPrimitives.IndexOfMax(output.Span) == data.Labels![index])
            {
                Interlocked.Increment(ref right);
            }
        }, cancellation);
        return (double)right / data.Count;
    }

    private (double Loss, int Right) Step(Dataset data, Objective objective, ReadOnlyMemory<int> indices, int epoch)
    {
        var losses = new double[_network.Shards.Count];
        int right = 0;
        ForEachShard(indices, (shard, part) =>
        {
            shard.IsTraining = true;
            DrawnSample[] samples = Draw(data, shard, part.Span, epoch);
            _network.Forward(shard);
            shard.ClearGradients();
            losses[IndexOf(shard)] = objective.Apply(_network, shard, samples, 1f / indices.Length);
            Interlocked.Add(ref right, CountRight(data, shard, samples));
            _network.Backward(shard);
        });
        double loss = losses.Sum();
        if (double.IsFinite(loss))
        {
            _network.Gather();
            _optimizer.Step();
        }

        return (loss, right);
    }

    private int CountRight(Dataset data, Shard shard, ReadOnlySpan<DrawnSample> samples)
    {
        if (data.Labels is null)
        {
            return 0;
        }

        Span<float> outputs = shard.Activation(_network.Output);
        int size = _network.Output.Shape.ElementCount;
        int right = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            right += TensorPrimitives.IndexOfMax<float>(outputs.Slice(i * size, size)) == data.Labels[samples[i].Main] ? 1 : 0;
        }

        return right;
    }

    private int IndexOf(Shard shard)
    {
        for (int i = 0; ; i++)
        {
            if (_network.Shards[i] == shard)
            {
                return i;
            }
        }
    }

    /// <summary>Fills the shard's input with samples as they are.</summary>
    private void Load(Dataset data, Shard shard, ReadOnlySpan<int> indices)
    {
        Span<float> input = shard.Activation(_network.Input);
        int size = _network.Input.Shape.ElementCount;
        for (int i = 0; i < indices.Length; i++)
        {
            data.Read(indices[i], input.Slice(i * size, size));
        }

        _options.Preparation.Apply(input);
    }

    /// <summary>Fills the shard's input with samples as chance changes and blends them in this epoch.</summary>
    private DrawnSample[] Draw(Dataset data, Shard shard, ReadOnlySpan<int> indices, int epoch)
    {
        Span<float> input = shard.Activation(_network.Input);
        int size = _network.Input.Shape.ElementCount;
        var samples = new DrawnSample[indices.Length];
        var other = new float[_options.Mixup is null ? 0 : size];
        for (int i = 0; i < indices.Length; i++)
        {
            Span<float> sample = input.Slice(i * size, size);
            int seed = Mix(Mix(_options.Seed, epoch), indices[i]);
            samples[i] = _options.Mixup?.Draw(indices[i], data.Count, Mix(seed, 2)) ?? new DrawnSample(indices[i], indices[i], 0);
            data.Read(indices[i], sample);
            _options.Augmentation?.Apply(sample, seed);
            if (samples[i].Share > 0)
            {
                data.Read(samples[i].Other, other);
                _options.Augmentation?.Apply(other, Mix(seed, 1));
                Mixup.Blend(sample, other, samples[i].Share);
            }
        }

        _options.Preparation.Apply(input);
        return samples;
    }

    /// <summary>Gives each shard its fixed part of the batch, whatever the number of threads.</summary>
    private void ForEachShard(ReadOnlyMemory<int> indices, Action<Shard, ReadOnlyMemory<int>> action)
    {
        int count = _network.Shards.Count;
        int perShard = (indices.Length + count - 1) / count;
        Parallel.For(0, count, i =>
        {
            int first = Math.Min(i * perShard, indices.Length);
            ReadOnlyMemory<int> part = indices[first..Math.Min(first + perShard, indices.Length)];
            _network.Shards[i].Samples = part.Length;
            if (!part.IsEmpty)
            {
                action(_network.Shards[i], part);
            }
        });
    }

    /// <summary>Mixes a seed and a number; the same on every machine and run, which <see cref="System.HashCode"/> is not.</summary>
    private static int Mix(int seed, int number)
    {
        uint x = ((uint)seed * 0x9E3779B9) ^ (((uint)number + 1) * 0x85EBCA6B);
        x = (x ^ (x >> 16)) * 0x7FEB352D;
        return (int)(x ^ (x >> 15));
    }
}
