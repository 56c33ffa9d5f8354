using TinyInference.Converter.Language.Assignment;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Language;

/// <summary>One epoch.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Trained">Perplexity on the sentences while they were trained with, with numbers dropped.</param>
/// <param name="HeldOut">Perplexity on the sentences held out, after the epoch.</param>
internal readonly record struct LanguageEpoch(int Round, double Trained, double HeldOut);

/// <summary>Words that moved between two rounds.</summary>
/// <param name="Before">The summed loss of all words where they were, in nats.</param>
/// <param name="After">That of the matching, by the same network.</param>
/// <param name="LowerBound">No table has less.</param>
internal readonly record struct TableMove(int Moved, double Before, double After, double LowerBound, double Seconds);

/// <summary>Where a training is: the mean loss of a word in this epoch so far is shown as perplexity.</summary>
/// <param name="Part">Of the whole training that is done.</param>
internal readonly record struct LanguageProgress(int Round, int Rounds, int Epoch, int Epochs, double Perplexity, double Part);

/// <summary>
/// Trains a language model in rounds: in each for some epochs; between two rounds the words move to the cells where the network would lose the least. The
/// best epoch by the sentences held out is kept.
/// </summary>
internal sealed class LanguageTraining
{
    private readonly IReadOnlyList<int[]> _learned;
    private readonly IReadOnlyList<int[]> _heldOut;
    private readonly LanguageOptions _options;
    private readonly IReadOnlyList<int> _epochs;
    private readonly List<LanguageEpoch> _history = [];
    private readonly List<TableMove> _moves = [];
    private float[][] _best = [];

    /// <param name="epochs">Of each round.</param>
    public LanguageTraining(IReadOnlyList<int[]> learned, IReadOnlyList<int[]> heldOut, WordCoding coding, LanguageOptions options, IReadOnlyList<int> epochs)
    {
        _learned = learned;
        _heldOut = heldOut;
        _options = options;
        _epochs = epochs;
        Coding = coding;
        Network = new LanguageNetwork(coding, options);
    }

    /// <summary>After <see cref="Run"/> that of the best epoch.</summary>
    public WordCoding Coding { get; private set; }

    /// <summary>After <see cref="Run"/> that of the best epoch.</summary>
    public LanguageNetwork Network { get; }

    public IReadOnlyList<LanguageEpoch> History => _history;

    /// <summary>Between the rounds.</summary>
    public IReadOnlyList<TableMove> Moves => _moves;

    /// <summary>The best perplexity on the sentences held out; infinite before the first epoch has ended.</summary>
    public double Best { get; private set; } = double.PositiveInfinity;

    /// <summary>Trains; also when it is cancelled after an epoch, the network is left as it was after the best one.</summary>
    /// <param name="roundEnded">Told the number of a round, from 1, after its last epoch.</param>
    /// <exception cref="InputException">The loss is no longer a number.</exception>
    public void Run(Action<LanguageProgress>? report, Action<int>? roundEnded, CancellationToken cancellation)
    {
        WordCoding bestCoding = Coding;
        try
        {
            for (int round = 1; round <= _epochs.Count; round++)
            {
                var trainer = new LanguageTrainer(Network, Coding, _options with { Seed = _options.Seed + ((round - 1) * 100) });
                for (int epoch = 0; epoch < _epochs[round - 1]; epoch++)
                {
                    TrainEpoch(trainer, round, epoch, report, cancellation);
                    bestCoding = _history[^1].HeldOut == Best ? Coding : bestCoding;
                }

                roundEnded?.Invoke(round);
                if (round < _epochs.Count && Coding is TwoComponentCoding table)
                {
                    Coding = Move(trainer, table, cancellation);
                }
            }
        }
        finally
        {
            Coding = bestCoding;
            if (_best.Length > 0)
            {
                Checkpoint.Restore(_best, [.. Network.Parameters.Select(p => p.Data)]);
            }
        }
    }

    private void TrainEpoch(LanguageTrainer trainer, int round, int epoch, Action<LanguageProgress>? report, CancellationToken cancellation)
    {
        int before = _epochs.Take(round - 1).Sum() + epoch;
        double loss = trainer.TrainEpoch(
            _learned,
            epoch,
            _epochs[round - 1],
            (part, mean) => report?.Invoke(new LanguageProgress(round, _epochs.Count, epoch + 1, _epochs[round - 1], Math.Exp(mean), (before + part) / _epochs.Sum())),
            cancellation);
        double heldOut = trainer.Perplexity(_heldOut, cancellation);
        _history.Add(new LanguageEpoch(round, Math.Exp(loss), heldOut));
        if (heldOut < Best)
        {
            Best = heldOut;
            _best = [.. Network.Parameters.Select(p => (float[])p.Data.Clone())];
        }
    }

    private TwoComponentCoding Move(LanguageTrainer trainer, TwoComponentCoding coding, CancellationToken cancellation)
    {
        WordPlacement placement = coding.Placement;
        CellCosts costs = Reallocation.Costs(trainer, placement, _learned, cancellation);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        Matching matching = ShortestPaths.Solve(costs, cancellation);
        double seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        int moved = matching.Cells.Where((cell, word) => cell != placement.Cells[word]).Count();
        _moves.Add(new TableMove(moved, costs.Of(placement.Cells), matching.Cost, matching.LowerBound, seconds));
        return new TwoComponentCoding(new WordPlacement(matching.Cells));
    }
}
