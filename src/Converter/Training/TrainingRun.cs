using TinyInference.Converter.Data;
using TinyInference.Converter.Evaluation;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training;

/// <summary>
/// A training from its first epoch to its last: judges the network on held-out samples after each, remembers the best, stops early,
/// and has after each epoch a checkpoint to go on from.
/// </summary>
internal sealed class TrainingRun
{
    private readonly TrainableNetwork _network;
    private readonly Optimizer _optimizer;
    private readonly TrainingOptions _options;
    private readonly Trainer _trainer;
    private readonly List<EpochResult> _history = [];
    private readonly IReadOnlyList<float[]> _tensors;
    private readonly uint _fingerprint;
    private IReadOnlyList<float[]> _best = [];

    public TrainingRun(TrainableNetwork network, Optimizer optimizer, TrainingOptions options)
    {
        _network = network;
        _optimizer = optimizer;
        _options = options;
        _trainer = new Trainer(network, optimizer, options);
        _tensors = Checkpoint.TensorsOf(network.Graph);
        _fingerprint = NetworkFingerprint.Of(network.Graph);
    }

    /// <summary>Of every epoch until now, those before a resumed checkpoint too.</summary>
    public IReadOnlyList<EpochResult> History => _history;

    /// <summary>From 0; -1 before the first epoch has ended.</summary>
    public int BestEpoch { get; private set; } = -1;

    /// <summary>The state after the last whole epoch; null before the first has ended.</summary>
    public Checkpoint? Last { get; private set; }

    public bool StoppedEarly { get; private set; }

    /// <summary>Goes on from a checkpoint.</summary>
    public void Resume(Checkpoint checkpoint)
    {
        Checkpoint.Restore(checkpoint.Weights, _tensors);
        Checkpoint.Restore(checkpoint.OptimizerState, _optimizer.State);
        _optimizer.Steps = checkpoint.OptimizerSteps;
        _history.AddRange(checkpoint.History);
        _best = checkpoint.BestWeights;
        BestEpoch = checkpoint.BestEpoch;
        Last = checkpoint;
    }

    /// <summary>
    /// Trains until the options' last epoch or until patience ends. Then, and also when it is cancelled or fails after an epoch,
    /// the graph holds the weights of the best epoch.
    /// </summary>
    /// <param name="heldOut">Decides which epoch is the best; null: the last is.</param>
    /// <param name="saved">Told about the checkpoint after each epoch.</param>
    /// <exception cref="InputException">The loss is no longer a number; or what <paramref name="saved"/> throws.</exception>
    public void Run(Dataset data, Dataset? heldOut, Objective objective, Action<TrainingProgress>? report, Action<Checkpoint>? saved, CancellationToken cancellation)
    {
        try
        {
            while (_history.Count < _options.Epochs && !StoppedEarly)
            {
                TrainingProgress progress = _trainer.TrainEpoch(_history.Count, data, objective, report, cancellation);
                Judge(progress, heldOut, cancellation);
                Last = new Checkpoint(
                    _fingerprint, _optimizer.Name, _optimizer.Steps, [.. _history], BestEpoch, Copy(_tensors), _best, Copy(_optimizer.State));
                saved?.Invoke(Last);
            }
        }
        finally
        {
            if (BestEpoch >= 0)
            {
                Checkpoint.Restore(_best, _tensors);
            }
        }
    }

    /// <summary>Accuracy where there are labels; the mean squared error where there are numbers to learn, otherwise between input and output.</summary>
    public double Measure(Dataset data, CancellationToken cancellation = default)
    {
        if (data.Labels is not null)
        {
            return _trainer.Accuracy(data, cancellation);
        }

        double[] errors = new double[data.Count];
        _trainer.Evaluate(data, (index, output) => errors[index] = data.Targets is { } targets
            ? Metrics.MeanSquaredError(output.Span, targets.AsSpan(index, 1))
            : ReconstructionError(data, index, output.Span), cancellation);
        return errors.Average();
    }

    private double ReconstructionError(Dataset data, int index, ReadOnlySpan<float> output)
    {
        float[] input = new float[output.Length];
        data.Read(index, input);
        _options.Preparation.Apply(input);
        return Metrics.MeanSquaredError(output, input);
    }

    private void Judge(TrainingProgress progress, Dataset? heldOut, CancellationToken cancellation)
    {
        double measured = heldOut is null ? double.NaN : Measure(heldOut, cancellation);
        _history.Add(new EpochResult(progress.Loss, progress.Accuracy, measured));
        int epoch = _history.Count - 1;
        bool isClassifier = heldOut?.Labels is not null;
        double Score(int i) => heldOut is null ? -_history[i].Loss : isClassifier ? _history[i].HeldOut : -_history[i].HeldOut;

        // Of equals the later one is more certain of its answers. Without held-out samples there is nothing to choose by.
        if (BestEpoch < 0 || heldOut is null || Score(epoch) >= Score(BestEpoch))
        {
            BestEpoch = epoch;
            _best = Copy(_tensors);
        }

        int first = Enumerable.Range(0, _history.Count).MaxBy(Score);
        StoppedEarly = _options.Patience is { } patience && epoch - first >= patience;
    }

    private static float[][] Copy(IReadOnlyList<float[]> arrays) => [.. arrays.Select(a => (float[])a.Clone())];
}
