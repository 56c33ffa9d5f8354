using TinyInference.Converter.Training;

namespace TinyInference.Converter.Commands.Training;

/// <summary>Trains a network on examples, and runs it over sentences.</summary>
internal sealed class CommandTrainer
{
    /// <summary>Parts of a batch that are taken side by side; fixed, so that the number of cores changes no result.</summary>
    private const int Parts = 2;

    /// <summary>Batches are made of sentences of like length among so many batches' worth.</summary>
    private const int SortedBatches = 32;

    private readonly CommandNetwork _network;
    private readonly CommandOptions _options;
    private readonly Adam _optimizer;
    private readonly CommandPart[] _parts;
    private readonly Random[] _chances;
    private readonly MovingAverage? _average;

    public CommandTrainer(CommandNetwork network, WordVectors vectors, CommandOptions options)
    {
        _network = network;
        _options = options;
        _optimizer = new Adam(network.Parameters) { WeightDecay = options.WeightDecay };
        _parts = [.. Enumerable.Range(0, Parts).Select(_ => new CommandPart(network, vectors, (options.Batch + Parts - 1) / Parts))];
        _chances = [.. Enumerable.Range(0, Parts).Select(i => new Random((options.Seed * 31) + i))];
        _average = options.Average > 0 ? new MovingAverage(network.Parameters, options.Average) : null;
    }

    /// <summary>Ends the training: the network becomes what it was in the mean of the last steps.</summary>
    public void KeepAverage() => _average?.Keep();

    /// <summary>Every example once, in an order by chance.</summary>
    /// <param name="epoch">From 0: decides the learning rate.</param>
    /// <param name="report">Told the share of the epoch that is done and the mean loss of a sentence until then.</param>
    /// <returns>The mean loss of a sentence, intent and slots together, while they were trained with.</returns>
    /// <exception cref="InputException">The loss is no longer a number.</exception>
    public double TrainEpoch(IReadOnlyList<CodedExample> examples, int epoch, Action<double, double>? report, CancellationToken cancellation)
    {
        List<CodedExample[]> batches = Batches(examples, _chances[0]);
        double loss = 0;
        int sentences = 0;
        for (int i = 0; i < batches.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            loss += Step(batches[i], _options.Schedule.At((epoch + ((double)i / batches.Count)) / _options.Epochs));
            sentences += batches[i].Length;
            if (!double.IsFinite(loss))
            {
                throw new InputException($"the loss is no longer a number in epoch {epoch + 1}: lower the learning rate");
            }

            report?.Invoke((i + 1.0) / batches.Count, loss / sentences);
        }

        return loss / sentences;
    }

    /// <summary>Runs over sentences.</summary>
    /// <param name="allows">Whether an intent may have a slot.</param>
    /// <returns>For each, in their order, the probabilities of the intents, and of each word the most probable slot that the most probable intent may have.</returns>
    public (float[] Intents, int[] Slots)[] Predict(IReadOnlyList<CodedExample> examples, Func<int, int, bool> allows, CancellationToken cancellation)
    {
        var results = new (float[] Intents, int[] Slots)[examples.Count];
        int[] order = [.. Enumerable.Range(0, examples.Count).OrderBy(i => examples[i].Words.Length)];
        int size = (_options.Batch + Parts - 1) / Parts;
        int[][] batches = [.. order.Chunk(size)];
        Parallel.For(0, Parts, part =>
        {
            for (int i = part; i < batches.Length; i += Parts)
            {
                cancellation.ThrowIfCancellationRequested();
                _parts[part].Load([.. batches[i].Select(k => examples[k])], 0, _chances[part]);
                (float[], int[])[] answers = _parts[part].Predict(allows);
                for (int k = 0; k < answers.Length; k++)
                {
                    results[batches[i][k]] = answers[k];
                }
            }
        });
        return results;
    }

    private List<CodedExample[]> Batches(IReadOnlyList<CodedExample> examples, Random chance)
    {
        int[] order = [.. Enumerable.Range(0, examples.Count)];
        chance.Shuffle(order);
        List<CodedExample[]> batches = [.. order
            .Chunk(SortedBatches * _options.Batch)
            .SelectMany(chunk => chunk.Select(i => examples[i]).OrderBy(e => e.Words.Length).Chunk(_options.Batch))];
        chance.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(batches));
        return batches;
    }

    private double Step(CodedExample[] batch, float rate)
    {
        var losses = new double[Parts];
        float weight = 1f / batch.Length;
        int share = (batch.Length + Parts - 1) / Parts;
        Parallel.For(0, Parts, i =>
        {
            CommandPart part = _parts[i];
            int first = Math.Min(i * share, batch.Length);
            ReadOnlySpan<CodedExample> mine = batch.AsSpan(first, Math.Min(share, batch.Length - first));
            if (mine.IsEmpty)
            {
                part.Sums.Clear();
                return;
            }

            part.Load(mine, _options.WordDropout, _chances[i]);
            (double intents, double slots) = part.Train(weight, weight, _options.VectorDropout, _options.StateDropout, _chances[i]);
            losses[i] = intents + slots;
        });
        GradientSums.Gather(_network.Parameters, [.. _parts.Select(p => p.Sums)]);
        GradientSums.ClipNorm(_network.Parameters, _options.MostNorm);
        _optimizer.LearningRate = rate;
        _optimizer.Step();
        _average?.Add();
        return losses.Sum();
    }
}
