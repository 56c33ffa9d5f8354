using System.CommandLine;
using System.Globalization;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Data;
using TinyInference.Converter.Data.Images;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>Options that say what to learn from, shared by the verbs that train.</summary>
internal sealed class TrainingDataOptions
{
    private const float PresetHeldOut = 0.1f;

    private readonly Option<string> _data = Arguments.RequiredPath("--data", "DATA", "samples to learn from: what 'evaluate' takes");
    private readonly Option<string?> _labels = Arguments.Text("--labels", "FILE", "their labels, where the data have none");
    private readonly Option<string?> _labelColumn = Arguments.Text("--label-column", "C", "CSV: name or index of the label column");
    private readonly Option<string?> _drop = Arguments.Text("--drop-columns", "LIST", "CSV: columns to leave out, as 0,name,-1");
    private readonly Option<string?> _rest = Arguments.Text("--against-rest", "CLASS", "two classes: this one, and all others");
    private readonly Option<int?> _limit = Arguments.Count("--limit", "use the first N samples only");
    private readonly Option<string?> _test = Arguments.Text("--test", "DATA", "samples that only judge the result");
    private readonly Option<string?> _testLabels = Arguments.Text("--test-labels", "FILE", "their labels");
    private readonly Option<float?> _holdOut = Arguments.Real("--hold-out", "PART", "part of DATA to choose the epoch by; default 0.1");
    private readonly Option<int?> _blocks = Arguments.Count("--hold-out-blocks", "hold out blocks of N neighbours");
    private readonly Option<string?> _shape = Arguments.Text("--shape", "HxWxC", "of a sample, where data do not tell");
    private readonly Option<string?> _features = Arguments.Text("--features", "KIND", "of sound: mfcc, log-mel, or as mfcc;rate=8000");
    private readonly PreparationOptions _preparation = new();

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _data, _labels, _labelColumn, _drop, _rest, _limit, _test, _testLabels, _holdOut, _blocks, _shape, _features })
        {
            command.Add(option);
        }

        _preparation.AddTo(command);
    }

    /// <summary>Reads all samples.</summary>
    /// <param name="network">The network that will be trained; null where it is made for the data.</param>
    /// <param name="seed">Of the choice of what is held out.</param>
    /// <param name="standardize">Whether numbers get a scale and an offset where the user states none.</param>
    /// <param name="regression">Whether a number is to be learned and no class.</param>
    /// <exception cref="InputException">The data cannot be read, or there is nothing to learn in them.</exception>
    public TrainingData Load(ParseResult parse, TrainedNetworkInfo? network, int seed, Screen screen, bool standardize = true, bool regression = false)
    {
        string path = parse.GetRequiredValue(_data);
        Shape? stated = parse.GetValue(_shape) is { } text ? ParseShape(text) : null;
        FeatureSettings? features = Features(parse, network);
        string? against = parse.GetValue(_rest);
        var options = new DatasetOptions
        {
            LabelsPath = parse.GetValue(_labels),
            LabelColumn = parse.GetValue(_labelColumn),
            IgnoreColumns = parse.GetValue(_drop)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
            Regression = regression,
            Limit = parse.GetValue(_limit),
            ExpectedElements = network?.Input.ElementCount ?? stated?.ElementCount,
            ClassNames = network is { Labels.Length: > 0 } ? network.Labels : against is not null ? [LabelEncoder.Rest, against] : null,
            FeatureNames = network is null ? null : FloatNetwork.FeaturesOf(network.Graph),
            ImageShape = network is not null ? ImageSamples.ShapeOf(network.Input) : stated is { Rank: 3 } ? stated : null,
            Features = features,
        };
        Dataset all = Read(path, options, screen);
        Shape sample = SampleShape(all, stated, network, path);
        Dataset? test = parse.GetValue(_test) is { } testPath
            ? Read(testPath, options with { LabelsPath = parse.GetValue(_testLabels), Limit = null, ExpectedElements = sample.ElementCount, ImageShape = sample.Rank == 3 ? sample : null, ClassNames = all.ClassNames, FeatureNames = all.FeatureNames }, screen)
            : null;
        (Dataset kept, Dataset? heldOut) = HoldOut(parse, all, test is not null, seed);
        InputPreparation preparation = Preparation(parse, kept, sample, network, features, standardize);
        preparation.CheckColumns(sample.ElementCount, path);
        return new TrainingData(kept, heldOut, test, sample, preparation);
    }

    private static Dataset Read(string path, DatasetOptions options, Screen screen)
    {
        Dataset data = DatasetLoader.Load(path, options);
        foreach (string notice in data.Notices)
        {
            screen.Warning(notice);
        }

        return data;
    }

    private FeatureSettings? Features(ParseResult parse, TrainedNetworkInfo? network) => parse.GetValue(_features) is { } text
        ? InputPreparation.Parse("features=" + text).Features
        : network?.Preparation?.Features;

    private (Dataset Kept, Dataset? HeldOut) HoldOut(ParseResult parse, Dataset data, bool hasTest, int seed)
    {
        float part = parse.GetValue(_holdOut) ?? (hasTest ? 0 : PresetHeldOut);
        if (part is < 0 or > 0.9f)
        {
            throw new InputException($"--hold-out takes a part from 0 to 0.9, not {part.ToString(CultureInfo.InvariantCulture)}");
        }

        if (part == 0 || data.Count < 2)
        {
            return (data, null);
        }

        if (parse.GetValue(_blocks) is not { } rows)
        {
            (Dataset kept, Dataset held) = data.Split(part, seed);
            return held.Count == 0 || kept.Count == 0 ? (data, null) : (kept, held);
        }

        // Of every few blocks the last.
        int period = Math.Max(2, (int)Math.Round(1 / part));
        ILookup<bool, int> parts = Enumerable.Range(0, data.Count).ToLookup(i => i / rows % period == period - 1);
        return parts[true].Any()
            ? (data.Subset([.. parts[false]]), data.Subset([.. parts[true]]))
            : throw new InputException($"{data.Name}: {data.Count} samples in blocks of {rows} are too few to hold out every {period}th block; use smaller blocks");
    }

    private static Shape SampleShape(Dataset data, Shape? stated, TrainedNetworkInfo? network, string path)
    {
        Shape given = data.SampleShape;
        if (network is not null)
        {
            Shape wanted = new([.. network.Input.Skip(1)]);
            int[] extents = [.. wanted.Where(d => d > 1)];
            return given.Rank == 1 || given.Where(d => d > 1).SequenceEqual(extents)
                ? wanted
                : throw new InputException($"{path}: a sample is {given}, the network takes {wanted}");
        }

        if (stated is not null && stated.ElementCount != given.ElementCount)
        {
            throw new InputException($"{path}: a sample is {given} ({given.ElementCount:N0} numbers), --shape says {stated}");
        }

        // Frames of features are an image of one channel.
        return stated ?? (given.Rank == 2 ? new Shape(given[0], given[1], 1) : given);
    }

    private InputPreparation Preparation(ParseResult parse, Dataset data, Shape sample, TrainedNetworkInfo? network, FeatureSettings? features, bool standardize)
    {
        bool isSound = data.Kind == DataKind.Features;
        var input = new InputTensor("input", new Shape([1, .. sample]), null);
        FeatureSettings? recorded = isSound && features is not null ? features with { Frames = sample.ElementCount / features.Width } : null;
        if (_preparation.Stated(parse, input, isSound) is { } stated)
        {
            return stated with { Features = recorded };
        }

        if (network?.Preparation is { } own)
        {
            return own;
        }

        // A network from elsewhere was made for numbers as its data have them.
        return network is not null || !standardize ? new InputPreparation(recorded)
            : data.Kind == DataKind.Pixels ? new InputPreparation(null, 1 / 255f)
            : Standardization.Of(data, recorded);
    }

    private static Shape ParseShape(string text)
    {
        int[] extents = [.. text.Split('x').Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int extent) ? extent : 0)];
        long product = extents.Aggregate(1L, (a, b) => Math.Min(a * b, int.MaxValue));
        return extents.Length is >= 1 and <= 3 && product is > 0 and <= 1 << 24
            ? new Shape(extents)
            : throw new InputException($"--shape takes 1 to 3 extents as in 28x28x1, not '{text}'");
    }
}
