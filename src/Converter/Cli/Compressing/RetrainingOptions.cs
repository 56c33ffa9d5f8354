using System.CommandLine;
using System.Globalization;
using TinyInference.Converter.Cli.Learning;
using TinyInference.Converter.Compression;
using TinyInference.Converter.Data;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Cli.Compressing;

/// <summary>Options that say with what and how a network is retrained, shared by the verbs that make networks smaller.</summary>
internal sealed class RetrainingOptions
{
    /// <summary>What is held out where the user does not say it: retraining is always judged.</summary>
    private const double PresetHeldOut = 0.1;

    private readonly TrainingDataOptions _data = new();
    private readonly Option<int?> _batch;
    private readonly Option<float?> _rate;
    private readonly Option<int?> _seed = Arguments.Count("--seed", "decides all that is left to chance; default 1", 1);
    private readonly Option<string?> _augment = Arguments.Text("--augment", "LIST", "change samples by chance, as 'train' does: shift=2,flip,cutout=8");
    private readonly Option<float?> _mixup = Arguments.Real("--mixup", "A", "blend each sample with another, as 'train' does; default 0");

    /// <param name="presetRate">What the help says about the rate's default.</param>
    /// <param name="presetBatch">Samples in a step.</param>
    public RetrainingOptions(string presetRate, int presetBatch = 64)
    {
        _rate = Arguments.Real("--rate", "R", $"learning rate at its highest; default {presetRate}");
        _batch = Arguments.Count("--batch", $"samples in a step; default {presetBatch}", presetBatch);
    }

    public void AddTo(Command command)
    {
        _data.AddTo(command);
        foreach (Option option in new Option[] { _batch, _rate, _seed, _augment, _mixup })
        {
            command.Add(option);
        }
    }

    public int Seed(ParseResult parse) => parse.GetValue(_seed) ?? 1;

    /// <exception cref="InputException">It is not above 0.</exception>
    public float Rate(ParseResult parse, float preset)
    {
        float rate = parse.GetValue(_rate) ?? preset;
        return rate > 0 ? rate : throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--rate takes a number above 0, not {rate}"));
    }

    /// <summary>Reads the data for <paramref name="network"/>.</summary>
    /// <exception cref="InputException">They cannot be read, have no labels or one class only, or do not fit the network.</exception>
    public (TrainingData Data, FineTuner Tuner) Load(ParseResult parse, TrainedNetworkInfo network, Screen screen)
    {
        int seed = Seed(parse);
        TrainingData data = _data.Load(parse, network, seed, screen);
        data.CheckClasses(network.Outputs);
        (Dataset train, Dataset? heldOut) = (data.Train, data.HeldOut);
        if (heldOut is null)
        {
            (train, heldOut) = train.Split(PresetHeldOut, seed);
            if (heldOut.Count == 0)
            {
                throw new InputException($"{data.Train.Name}: {data.Train.Count} samples are too few to hold some out for judging; give more");
            }
        }

        var learning = new LearningData(train, heldOut, data.Preparation);
        Augmentation? augmentation = parse.GetValue(_augment) is { } text ? Augmentation.Parse(text, data.Sample, train.Kind) : null;
        return (data with { Train = train, HeldOut = heldOut }, new FineTuner(learning, parse.GetValue(_batch)!.Value, seed, augmentation, Mixup.Of(parse.GetValue(_mixup) ?? 0)));
    }
}
