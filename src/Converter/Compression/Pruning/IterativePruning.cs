using TinyInference.Converter.Compression.Distillation;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.Pruning;

using TinyInference.Converter.Graphs;

/// <summary>
/// Prunes in rounds with retraining in between, until the wanted share is left or the accuracy on held-out samples has fallen by more
/// than the bound; then the network is that of the round before.
/// </summary>
internal sealed class IterativePruning
{
    /// <summary>Further retraining that a round gets before its accuracy counts as lost.</summary>
    private const int Attempts = 3;

    /// <summary>Steps between two changes of the masks in a gradual schedule.</summary>
    private const int StepsPerChange = 20;

    private readonly FineTuner _tuner;
    private readonly PruningOptions _options;
    private readonly TrainableNetwork? _teacher;
    private readonly Action<int, TrainingProgress>? _report;
    private readonly CancellationToken _cancellation;
    private readonly Graph _original;
    private readonly int[] _channels;
    private readonly bool _restored;
    private Graph _graph;
    private TrainableNetwork _network;
    private Objective _objective;
    private Graph _best;
    private double _accuracy;

    private IterativePruning(Graph graph, FineTuner tuner, PruningOptions options, Action<int, TrainingProgress>? report, CancellationToken cancellation)
    {
        _original = graph;
        _tuner = tuner;
        _options = options;
        _teacher = options.Distillation is null ? null : tuner.Open(TrainableGraph.Copy(graph));
        _report = report;
        _cancellation = cancellation;
        _channels = options.Structure == PruningStructure.Channels ? [.. ChannelSpaces.Of(graph).Select(s => s.Channels)] : [];
        if (options.Structure == PruningStructure.Channels && _channels.Length == 0)
        {
            throw new InputException("the network has no channels that could be removed: all belong to its input, its output or operators that fix their number");
        }

        Graph start = TrainableGraph.Copy(graph);
        _restored = options.Structure == PruningStructure.Channels && BatchNormRestoring.Restore(start, tuner.Data);
        (_graph, _network, _objective) = Open(start);
        _best = start;
    }

    /// <param name="graph">From <see cref="TrainableGraph.From"/>; left as it is.</param>
    /// <param name="report">Told the round (from 1) and where its training is.</param>
    /// <param name="finished">Told every round when it is over.</param>
    /// <exception cref="InputException">The network can't be trained or pruned, or the data do not fit it.</exception>
    public static PruningResult Prune(
        Graph graph, FineTuner tuner, PruningOptions options, Action<int, TrainingProgress>? report, Action<PruningRound>? finished, CancellationToken cancellation) =>
        new IterativePruning(graph, tuner, options, report, cancellation).Run(finished);

    private PruningResult Run(Action<PruningRound>? finished)
    {
        double before = _tuner.Accuracy(_network, _cancellation);
        _best = TrainableGraph.Copy(_graph);
        _accuracy = before;
        var rounds = new List<PruningRound>();
        bool interrupted = false;
        string? failure = null;
        try
        {
            for (int round = 1; round <= _options.Rounds && rounds.TrueForAll(r => r.Accepted); round++)
            {
                double reached = RunRound(round, before);
                rounds.Add(new PruningRound(round, ShareAfter(round), reached, IsWithin(before, reached)));
                finished?.Invoke(rounds[^1]);
                if (rounds[^1].Accepted)
                {
                    _best = TrainableGraph.Copy(_graph);
                    _accuracy = reached;
                }
            }

            Finish(rounds.Exists(r => r.Accepted));
        }
        catch (OperationCanceledException)
        {
            interrupted = true;
        }
        catch (InputException e) when (rounds.Exists(r => r.Accepted))
        {
            failure = e.Message;
        }

        Graph result = _restored ? BatchNormRestoring.Fold(_best) : _best;
        return new PruningResult(result, before, _accuracy, rounds, Layers(result), interrupted, failure);
    }

    /// <summary>Retrains the best network once more, and keeps the result if it is not worse.</summary>
    private void Finish(bool isPruned)
    {
        if (!isPruned || _options.FinalEpochs == 0)
        {
            return;
        }

        (_graph, _network, _objective) = Open(_best);
        Train(_options.Rounds + 1, _options.FinalEpochs, null);
        double accuracy = _tuner.Accuracy(_network, _cancellation);
        if (accuracy >= _accuracy)
        {
            _best = _graph;
            _accuracy = accuracy;
        }
    }

    /// <returns>The accuracy after retraining.</returns>
    private double RunRound(int round, double before)
    {
        double share = ShareAfter(round);
        if (_options.Structure == PruningStructure.Channels)
        {
            int[] plan = ChannelPruner.Plan(_graph, _channels, share, _options.PerLayer);
            ChannelPruner.Shrink(_graph, plan);
            (_graph, _network, _objective) = Open(_graph);
            Train(round, _options.EpochsPerRound, null);
        }
        else
        {
            var masks = new MagnitudeMasks(_network, _options.BlockSize);
            if (_options.Schedule == PruningSchedule.Gradual)
            {
                Train(round, _options.EpochsPerRound, progress =>
                {
                    if (progress.Step % StepsPerChange == 0)
                    {
                        masks.Apply(ShareAfter(round - 1 + ((double)progress.Step / progress.Steps)), _options.PerLayer);
                    }
                });
                masks.Apply(share, _options.PerLayer);
            }
            else
            {
                masks.Apply(share, _options.PerLayer);
                Train(round, _options.EpochsPerRound, null);
            }
        }

        double accuracy = _tuner.Accuracy(_network, _cancellation);
        for (int attempt = 1; !IsWithin(before, accuracy) && attempt < Attempts; attempt++)
        {
            Train(round, _options.EpochsPerRound, null);
            accuracy = _tuner.Accuracy(_network, _cancellation);
        }

        return accuracy;
    }

    /// <summary>With room for rounding: 0.989 - 0.986 is a little more than 0.003.</summary>
    private bool IsWithin(double before, double accuracy) => before - accuracy <= _options.MaxLoss + 1e-9;

    private void Train(int round, int epochs, Action<TrainingProgress>? step)
    {
        void Report(TrainingProgress progress)
        {
            step?.Invoke(progress);
            _report?.Invoke(round, progress);
        }

        _tuner.Train(_network, _objective, epochs, new Schedule(ScheduleKind.Cosine, _options.Rate, 0.05f), Report, _cancellation);
    }

    /// <summary>The share that is left after a number of rounds.</summary>
    private double ShareAfter(double rounds)
    {
        double progress = rounds / _options.Rounds;
        return _options.Schedule == PruningSchedule.Gradual
            ? _options.Keep + ((1 - _options.Keep) * Math.Pow(1 - progress, 3))
            : Math.Pow(_options.Keep, progress);
    }

    private (Graph Graph, TrainableNetwork Network, Objective Objective) Open(Graph graph)
    {
        Graph copy = TrainableGraph.Copy(graph);
        TrainableNetwork network = _tuner.Open(copy);
        if (_options.Structure != PruningStructure.Channels)
        {
            MagnitudeMasks.FromZeros(network);
        }

        Objective loss = _teacher is null
            ? new LabelObjective(_tuner.Data.Train)
            : new DistillationObjective(_tuner.Data.Train.Labels!, _teacher, [], _options.Distillation!);
        return (copy, network, new PenalizedObjective(loss, _options.Penalty));
    }

    private List<PrunedLayer> Layers(Graph pruned) =>
    [
        .. _original.Nodes.Zip(pruned.Nodes)
            .Where(p => p.First.Operator is Conv2D or DepthwiseConv2D or TransposeConv2D or FullyConnected && p.First.Input(1).IsConstant)
            .Select(p => new PrunedLayer(
                p.First.Name,
                p.First.Input(1).Shape,
                p.Second.Input(1).Shape,
                p.First.Input(1).Shape.ElementCount,
                p.Second.Input(1).Constant!.Floats.Count(w => w != 0))),
    ];
}
