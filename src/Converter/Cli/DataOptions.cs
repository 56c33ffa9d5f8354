using System.CommandLine;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Cli;

/// <summary>Options that say which samples to use, shared by the verbs that judge a network.</summary>
internal sealed class DataOptions
{
    private readonly Option<string> _data = Arguments.RequiredPath("--data", "DATA", "IDX, NPY, NPZ, CSV, CIFAR .bin, raw .bin, or a folder or zip of WAV or .bin files; .gz too");
    private readonly Option<string?> _labels = Arguments.Text("--labels", "FILE", "the samples' labels, where the data have none of their own");
    private readonly Option<string?> _labelColumn = Arguments.Text("--label-column", "C", "CSV: name or index of the label column; default: the last");
    private readonly Option<int?> _limit = Arguments.Count("--limit", "use the first N samples only");
    private readonly PreparationOptions _preparation = new();

    /// <param name="withLabels">Whether the verb compares with labels.</param>
    public void AddTo(Command command, bool withLabels)
    {
        command.Add(_data);
        if (withLabels)
        {
            command.Add(_labels);
        }

        command.Add(_labelColumn);
        command.Add(_limit);
        _preparation.AddTo(command);
    }

    /// <summary>The samples, and how they go into <paramref name="network"/>.</summary>
    /// <exception cref="InputException">The data cannot be read or do not fit the network.</exception>
    public (Dataset Data, InputBinding Binding) Load(ParseResult parse, INetwork network, bool regression, Screen screen)
    {
        Dataset data = Samples.Load(parse.GetRequiredValue(_data), network.Input, network.Preparation, screen, new DatasetOptions
        {
            LabelsPath = parse.GetResult(_labels) is null ? null : parse.GetValue(_labels),
            LabelColumn = parse.GetValue(_labelColumn),
            Limit = parse.GetValue(_limit),
            ClassNames = network.Labels.Length == 0 ? null : network.Labels,
            FeatureNames = network.Features.Length == 0 ? null : network.Features,
            Regression = regression,
        });
        return (data, InputBinding.Create(data, network.Input, _preparation.Stated(parse, network.Input, data.Kind == DataKind.Features) ?? network.Preparation));
    }
}
