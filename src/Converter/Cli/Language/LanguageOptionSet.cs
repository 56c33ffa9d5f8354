using System.CommandLine;
using System.Globalization;
using TinyInference.Converter.Language;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Cli.Language;

using TinyInference.Converter.Graphs;

/// <summary>What the user says about a language model and its training.</summary>
internal sealed class LanguageOptionSet
{
    private const int LargestVocabulary = 65_534;
    private const int MostUnits = 4096;

    private static readonly LanguageOptions s_default = new();

    private readonly Option<int?> _vocabulary = Arguments.Count("--vocabulary", "the most words, the most frequent ones; default: all that occur often enough");
    private readonly Option<int?> _minimum = Arguments.Count("--min-count", "occurrences that a word needs; default 2", 2);
    private readonly Option<RecurrentCellKind> _cell = Arguments.Choice("--cell", "default lstm", ("lstm", RecurrentCellKind.Lstm), ("gru", RecurrentCellKind.Gru), ("rnn", RecurrentCellKind.SimpleRnn));
    private readonly Option<bool> _hard = Arguments.Flag("--hard", "hard sigmoid and hard tanh in the cell");
    private readonly Option<int?> _vector = Arguments.Count("--vector", $"numbers in a vector; default {s_default.Depth}", s_default.Depth);
    private readonly Option<int?> _hidden = Arguments.Count("--hidden", $"numbers in the state; default {s_default.Units}", s_default.Units);
    private readonly Option<int?> _rounds = Arguments.Count("--rounds", "trainings, with the words moved between two; default 6", 6);
    private readonly Option<int?> _roundEpochs = Arguments.Count("--round-epochs", "epochs of each round but the last; default 4", 4);
    private readonly Option<int?> _epochs = Arguments.Count("--epochs", "epochs of the last round; default 30", 30);
    private readonly Option<float?> _rate = Arguments.Real("--rate", "R", $"learning rate; default {s_default.Schedule.Rate.ToString(CultureInfo.InvariantCulture)}");
    private readonly Option<float?> _vectorDropout = Arguments.Real("--vector-dropout", "P", $"share of the vectors' numbers dropped in training; default {s_default.VectorDropout.ToString(CultureInfo.InvariantCulture)}");
    private readonly Option<float?> _stateDropout = Arguments.Real("--state-dropout", "P", $"likewise of the states; default {s_default.StateDropout.ToString(CultureInfo.InvariantCulture)}");
    private readonly Option<float?> _decay = Arguments.Real("--weight-decay", "D", $"decoupled; default {s_default.WeightDecay.ToString(CultureInfo.InvariantCulture)}");
    private readonly Option<float?> _holdOut = Arguments.Real("--hold-out", "SHARE", "of the lines, spread evenly, that are not trained with; default 0.1");
    private readonly Option<int?> _seed = Arguments.Count("--seed", "decides all chance; default 1", 1);

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            _vocabulary, _minimum, _cell, _hard, _vector, _hidden, _rounds, _roundEpochs, _epochs, _rate, _vectorDropout, _stateDropout, _decay, _holdOut, _seed,
        })
        {
            command.Add(option);
        }
    }

    public int MinimumCount(ParseResult parse) => parse.GetValue(_minimum) ?? 2;

    public int VocabularySize(ParseResult parse) => parse.GetValue(_vocabulary) is { } most
        ? most is >= 3 and <= LargestVocabulary ? most : throw new InputException($"--vocabulary takes 3 to {LargestVocabulary:N0} words, the two reserved ones among them")
        : LargestVocabulary;

    public HoldOut HoldOut(ParseResult parse) => HoldOut(parse.GetValue(_holdOut) ?? 0.1f);

    /// <exception cref="InputException">The share is not between 0 and 1.</exception>
    public static HoldOut HoldOut(float share) => share is > 0 and < 1
        ? new HoldOut(Math.Round(share, 6))
        : throw new InputException("--hold-out takes a share above 0 and below 1: without sentences to measure there is no best epoch");

    /// <summary>Epochs of each round.</summary>
    public IReadOnlyList<int> Epochs(ParseResult parse) =>
        [.. Enumerable.Repeat(parse.GetValue(_roundEpochs) ?? 4, (parse.GetValue(_rounds) ?? 6) - 1), parse.GetValue(_epochs) ?? 30];

    /// <exception cref="InputException">A number is out of its range.</exception>
    public LanguageOptions Options(ParseResult parse)
    {
        var options = new LanguageOptions
        {
            Cell = parse.GetValue(_cell),
            Form = parse.GetValue(_hard) ? GateForm.Hard : GateForm.Smooth,
            Depth = parse.GetValue(_vector) ?? s_default.Depth,
            Units = parse.GetValue(_hidden) ?? s_default.Units,
            Schedule = s_default.Schedule with { Rate = parse.GetValue(_rate) ?? s_default.Schedule.Rate },
            VectorDropout = parse.GetValue(_vectorDropout) ?? s_default.VectorDropout,
            StateDropout = parse.GetValue(_stateDropout) ?? s_default.StateDropout,
            WeightDecay = parse.GetValue(_decay) ?? s_default.WeightDecay,
            Seed = parse.GetValue(_seed) ?? s_default.Seed,
        };
        return options switch
        {
            { Depth: > MostUnits } or { Units: > MostUnits } => throw new InputException($"--vector and --hidden take at most {MostUnits:N0}"),
            { VectorDropout: < 0 or >= 1 } or { StateDropout: < 0 or >= 1 } => throw new InputException("a share that is dropped is 0 or more and below 1"),
            { Schedule.Rate: <= 0 } or { WeightDecay: < 0 } => throw new InputException("a learning rate is above 0 and a weight decay not below 0"),
            _ => options,
        };
    }
}
