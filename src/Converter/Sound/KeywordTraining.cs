using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Sound;

using TinyInference.Converter.Graphs;

/// <summary>How a keyword network is trained.</summary>
internal sealed record KeywordTrainingOptions
{
    public int Epochs { get; init; } = 30;

    public int Batch { get; init; } = 64;

    /// <summary>How often a recorded clip is taken in an epoch, each time changed otherwise.</summary>
    public int RecordedRepeats { get; init; } = 6;

    /// <summary>Synthesised words in an epoch: others in each.</summary>
    public int SynthesisedPerEpoch { get; init; } = 3000;

    public float Rate { get; init; } = 4e-3f;

    public float WeightDecay { get; init; } = 1e-3f;

    /// <summary>Features get noise, and frames are masked: more than a small network can learn in spite of.</summary>
    public bool DisturbsFeatures { get; init; } = true;

    public int Seed { get; init; } = 1;
}

/// <summary>
/// Trains a network on words: each epoch hears every recorded clip several times and some of the synthesised ones, augmented anew. The last epoch is what
/// comes out: nothing is chosen by looking at the clips that are held out.
/// </summary>
internal sealed class KeywordTraining
{
    private const int Shards = 2;

    /// <summary>So much of the sound is covered, at most.</summary>
    private const int MaskMilliseconds = 160;

    private readonly FeatureExtractor _extractor;
    private readonly FeatureSettings _settings;
    private readonly KeywordTrainingOptions _options;
    private readonly KeywordClip[] _recorded;
    private readonly KeywordClip[] _synthesised;
    private readonly ClipAugmentation _augmentation;
    private readonly IReadOnlyList<string> _classes;

    public KeywordTraining(IReadOnlyList<KeywordClip> clips, IReadOnlyList<string> classes, IReadOnlyList<float[]> backgrounds, FeatureSettings settings, KeywordTrainingOptions options)
    {
        _extractor = new FeatureExtractor(settings);
        _settings = settings;
        _options = options;
        _classes = classes;
        _recorded = [.. clips.Where(c => !c.Synthesised)];
        _synthesised = [.. clips.Where(c => c.Synthesised)];
        _augmentation = new ClipAugmentation(backgrounds, settings.SampleRate);
    }

    /// <summary>Samples in an epoch.</summary>
    public int EpochLength => (_recorded.Length * _options.RecordedRepeats) + Math.Min(_synthesised.Length, _options.SynthesisedPerEpoch);

    /// <summary>Trains <paramref name="graph"/> in place.</summary>
    public void Train(Graph graph, Action<TrainingProgress>? report, CancellationToken cancellation)
    {
        Shape sample = new(_settings.Frames, _settings.Width, 1);
        var network = new TrainableNetwork(graph, Shards, (_options.Batch + Shards - 1) / Shards);
        var options = new TrainingOptions
        {
            Epochs = _options.Epochs,
            BatchSize = _options.Batch,
            Schedule = new Schedule(ScheduleKind.Cosine, _options.Rate, 0.05f),
            WeightDecay = _options.WeightDecay,
            Seed = _options.Seed,
            Augmentation = !_options.DisturbsFeatures ? null : Augmentation.Parse($"time-mask={Math.Max(1, MaskMilliseconds / _settings.StepMilliseconds)},noise=0.5", sample, DataKind.Features),
        };
        var trainer = new Trainer(network, new Adam(network.Parameters), options);
        for (int epoch = 0; epoch < _options.Epochs; epoch++)
        {
            Dataset data = Epoch(epoch, cancellation);
            trainer.TrainEpoch(epoch, data, new LabelObjective(data), report, cancellation);
        }
    }

    /// <summary>Clips as they are, for calibration and test.</summary>
    public static Dataset AsTheyAre(IReadOnlyList<KeywordClip> clips, IReadOnlyList<string> classes, FeatureSettings settings)
    {
        var extractor = new FeatureExtractor(settings);
        int elements = settings.Frames * settings.Width;
        var features = new float[clips.Count * elements];
        Parallel.For(0, clips.Count, i => extractor.Extract(clips[i].Second(settings.SampleRate), features.AsSpan(i * elements, elements)));
        return new Dataset("clips", new FloatSamples(features, elements), new Shape(settings.Frames, settings.Width, 1), DataKind.Features)
        {
            Labels = [.. clips.Select(c => c.Label)],
            ClassNames = classes,
        };
    }

    /// <summary>The share of samples whose largest output is that of their label.</summary>
    public static double Accuracy(Graph graph, Dataset data)
    {
        var options = new TrainingOptions();
        var network = new TrainableNetwork(graph, Shards, options.BatchSize / Shards);
        return new Trainer(network, new Adam(network.Parameters), options).Accuracy(data);
    }

    private Dataset Epoch(int epoch, CancellationToken cancellation)
    {
        var random = new SplitMix((_options.Seed * 7919) + epoch);
        int[] order = [.. Enumerable.Range(0, _synthesised.Length)];
        random.Shuffle(order);
        KeywordClip[] clips =
        [
            .. Enumerable.Range(0, _options.RecordedRepeats).SelectMany(_ => _recorded),
            .. order.Take(_options.SynthesisedPerEpoch).Select(i => _synthesised[i]),
        ];
        int[] seeds = [.. clips.Select(_ => random.Next(int.MaxValue))];
        int elements = _settings.Frames * _settings.Width;
        var features = new float[clips.Length * elements];
        Parallel.For(0, clips.Length, new ParallelOptions { MaxDegreeOfParallelism = Shards, CancellationToken = cancellation }, i =>
        {
            float[] second = _augmentation.Apply(clips[i], new SplitMix(seeds[i]));
            _extractor.Extract(SoundReader.ToPcm(Normalized(second)), features.AsSpan(i * elements, elements));
        });
        return new Dataset("clips", new FloatSamples(features, elements), new Shape(_settings.Frames, _settings.Width, 1), DataKind.Features)
        {
            Labels = [.. clips.Select(c => c.Label)],
            ClassNames = _classes,
        };
    }

    /// <summary>Loud enough that 16 bits hold it well, and not too loud for them.</summary>
    private static float[] Normalized(float[] sound)
    {
        float peak = sound.Max(MathF.Abs);
        float gain = peak > 0 ? 0.9f / peak : 1;
        return Array.ConvertAll(sound, s => s * gain);
    }
}
