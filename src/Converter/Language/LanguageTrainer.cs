using TinyInference.Converter.Training;

namespace TinyInference.Converter.Language;

/// <summary>Trains a network on sentences, and measures it.</summary>
internal sealed class LanguageTrainer
{
    /// <summary>Parts of a batch that are taken side by side; fixed, so that the number of cores changes no result.</summary>
    public const int Parts = 2;

    private readonly LanguageNetwork _network;
    private readonly WordCoding _coding;
    private readonly LanguageOptions _options;
    private readonly Adam _optimizer;
    private readonly LanguagePart[] _parts;
    private readonly Random[] _chances;

    public LanguageTrainer(LanguageNetwork network, WordCoding coding, LanguageOptions options)
    {
        _network = network;
        _coding = coding;
        _options = options;
        _optimizer = new Adam(network.Parameters) { WeightDecay = options.WeightDecay };
        _parts = [.. Enumerable.Range(0, Parts).Select(_ => new LanguagePart(network, options.Steps, (options.Streams + Parts - 1) / Parts))];
        _chances = [.. Enumerable.Range(0, Parts).Select(i => new Random((options.Seed * 31) + i))];
    }

    private int Streams => Parts * _parts[0].Streams;

    /// <summary>Every sentence once, in an order by chance.</summary>
    /// <param name="epoch">From 0, of <paramref name="epochs"/>: decides the learning rate.</param>
    /// <param name="report">Told the share of the epoch that is done and the mean loss of a word until then.</param>
    /// <returns>The mean over the words of -log p while they were trained with.</returns>
    /// <exception cref="InputException">The loss is no longer a number.</exception>
    public double TrainEpoch(IReadOnlyList<int[]> sentences, int epoch, int epochs, Action<double, double>? report, CancellationToken cancellation)
    {
        int[] order = [.. Enumerable.Range(0, sentences.Count)];
        _chances[0].Shuffle(order);
        var streams = new TextStreams(sentences, order, _coding, Streams, _options.Steps);
        Array.ForEach(_parts, p => p.Reset());
        double loss = 0;
        long predictions = 0;
        for (int chunk = 0; chunk < streams.Chunks; chunk++)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = 0;
            for (int i = 0; i < Parts; i++)
            {
                count += streams.Read(chunk, i * _parts[0].Streams, _parts[i]);
            }

            double progress = (epoch + ((double)chunk / streams.Chunks)) / epochs;
            loss += Step(count, _options.Schedule.At(progress));
            predictions += count;
            if (!double.IsFinite(loss))
            {
                throw new InputException($"the loss is no longer a number in epoch {epoch + 1}: lower the learning rate");
            }

            report?.Invoke((chunk + 1.0) / streams.Chunks, loss / predictions * _coding.Heads.Count);
        }

        return loss / predictions * _coding.Heads.Count;
    }

    /// <summary>exp of the mean over the words, ends of sentences among them, of -log p.</summary>
    public double Perplexity(IReadOnlyList<int[]> sentences, CancellationToken cancellation)
    {
        var losses = new double[Parts];
        Predict(sentences, (part, step, p) => losses[part] -= p.Span[step.Target], cancellation);
        return Math.Exp(losses.Sum() / sentences.Sum(s => s.Length + 1L));
    }

    /// <summary>Runs over the sentences in their order and hands out the log-probabilities of every prediction, from one thread for each part.</summary>
    public void Predict(IReadOnlyList<int[]> sentences, Action<int, WordStep, ReadOnlyMemory<float>> each, CancellationToken cancellation)
    {
        var streams = new TextStreams(sentences, [.. Enumerable.Range(0, sentences.Count)], _coding, Streams, _options.Steps);
        Parallel.For(0, Parts, i =>
        {
            _parts[i].Reset();
            for (int chunk = 0; chunk < streams.Chunks; chunk++)
            {
                cancellation.ThrowIfCancellationRequested();
                streams.Read(chunk, i * _parts[0].Streams, _parts[i]);
                _parts[i].Predict((step, p) => each(i, step, p));
            }
        });
    }

    private double Step(int predictions, float rate)
    {
        var losses = new double[Parts];
        float weight = 1f / Math.Max(predictions, 1) * _coding.Heads.Count;
        Parallel.For(0, Parts, i => losses[i] = _parts[i].Train(weight, _options.VectorDropout, _options.StateDropout, _chances[i]));
        GradientSums.Gather(_network.Parameters, [.. _parts.Select(p => p.Sums)]);
        GradientSums.ClipNorm(_network.Parameters, _options.MostNorm);
        _optimizer.LearningRate = rate;
        _optimizer.Step();
        return losses.Sum();
    }
}
