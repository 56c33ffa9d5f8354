using System.CommandLine;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Features;

namespace TinyInference.Converter.Cli;

/// <summary>Options that say how data become the network's input, shared by the verbs that read data.</summary>
internal sealed class PreparationOptions
{
    private readonly Option<float?> _scale = Arguments.Real("--input-scale", "S", "real input = data * S + O; default: what the network or the kind of data tells");
    private readonly Option<float?> _offset = Arguments.Real("--input-offset", "O", "see --input-scale");

    public void AddTo(Command command)
    {
        command.Add(_scale);
        command.Add(_offset);
    }

    /// <summary>What the user states, features for sound included; null where nothing is.</summary>
    /// <param name="isSound">The data are features of sound: what is stated is about those.</param>
    public InputPreparation? Stated(ParseResult parse, InputTensor input, bool isSound)
    {
        float? scale = parse.GetValue(_scale);
        float? offset = parse.GetValue(_offset);
        return scale is null && offset is null
            ? null
            : new InputPreparation(isSound ? InputBinding.FeaturesFor(input, null) : null, scale ?? 1, offset ?? 0);
    }
}
