using System.CommandLine;
using System.Globalization;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>Options that say how to learn, shared by the verbs that train.</summary>
internal sealed class FittingOptions
{
    /// <summary>Parts of a batch that go side by side; fixed, because it is part of what a seed gives.</summary>
    public const int Shards = 2;

    private const float Warmup = 0.05f;
    private const float Momentum = 0.9f;
    private const float AdamRate = 2e-3f;
    private const float SgdRate = 5e-2f;

    private readonly Option<int?> _epochs = Arguments.Count("--epochs", "default 20", 20);
    private readonly Option<int?> _batch = Arguments.Count("--batch", "samples in a step; default 64", 64);
    private readonly Option<string> _optimizer = Arguments.Choice("--optimizer", "default adam", ("adam", "adam"), ("sgd", "sgd"));
    private readonly Option<float?> _rate = Arguments.Real("--rate", "R", "learning rate; default 0.002, sgd 0.05");
    private readonly Option<ScheduleKind> _schedule = Arguments.Choice(
        "--schedule", "of the rate; default cosine", ("cosine", ScheduleKind.Cosine), ("step", ScheduleKind.Step), ("constant", ScheduleKind.Constant));

    private readonly Option<float?> _decay = Arguments.Real("--weight-decay", "D", "decoupled; default 0.0001");
    private readonly Option<int?> _seed = Arguments.Count("--seed", "decides all chance; default 1", 1);
    private readonly Option<string?> _augment = Arguments.Text("--augment", "LIST", "shift=2,flip,cutout=8,noise=4; sound: time-mask=8,band-mask=2");
    private readonly Option<float?> _mixup = Arguments.Real("--mixup", "A", "blend each sample and its label with another one; shares are Beta(A,A), 0 to 1; default 0");
    private readonly Option<string> _classWeights = Arguments.Choice("--class-weights", "balanced: rare ones count as much", ("none", "none"), ("balanced", "balanced"));
    private readonly Option<int?> _patience = Arguments.Count("--patience", "stop after N epochs without a better one");

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _epochs, _batch, _optimizer, _rate, _schedule, _decay, _seed, _augment, _mixup, _classWeights, _patience })
        {
            command.Add(option);
        }
    }

    public int Seed(ParseResult parse) => parse.GetValue(_seed) ?? 1;

    /// <summary>Epochs (of boosted trees: rounds) without a better one after which training ends; null for never.</summary>
    public int? Patience(ParseResult parse) => parse.GetValue(_patience);

    /// <exception cref="InputException">A number is out of its range, or the augmentation does not suit the data.</exception>
    public TrainingOptions Options(ParseResult parse, TrainingData data)
    {
        float rate = parse.GetValue(_rate) ?? (parse.GetValue(_optimizer) == "sgd" ? SgdRate : AdamRate);
        float decay = parse.GetValue(_decay) ?? 1e-4f;
        if (rate <= 0 || decay < 0)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"a learning rate is above 0 and a weight decay not below 0, not {rate} and {decay}"));
        }

        return new TrainingOptions
        {
            Epochs = parse.GetValue(_epochs) ?? 20,
            BatchSize = parse.GetValue(_batch) ?? 64,
            Schedule = new Schedule(parse.GetValue(_schedule), rate, Warmup),
            WeightDecay = decay,
            Seed = Seed(parse),
            Preparation = data.Preparation,
            Augmentation = parse.GetValue(_augment) is { } text ? Augmentation.Parse(text, data.Sample, data.Train.Kind) : null,
            Mixup = Mixup.Of(parse.GetValue(_mixup) ?? 0),
            Patience = Patience(parse),
        };
    }

    public Optimizer Optimizer(ParseResult parse, TrainableNetwork network) =>
        parse.GetValue(_optimizer) == "sgd" ? new Sgd(network.Parameters, Momentum) : new Adam(network.Parameters);

    /// <summary>Null where every sample counts the same.</summary>
    public float[]? ClassWeights(ParseResult parse, TrainingData data, int classes) => parse.GetValue(_classWeights) == "balanced" ? data.BalancedWeights(classes) : null;
}
