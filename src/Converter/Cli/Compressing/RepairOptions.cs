using System.CommandLine;
using System.Globalization;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Compression;
using TinyInference.Converter.Compression.QuantizationAware;
using TinyInference.Converter.Compression.Repairs;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Cli.Compressing;

/// <summary>Options of convert that make the int8 network better than rounding alone.</summary>
internal sealed class RepairOptions
{
    private readonly Option<bool> _equalize = Arguments.Flag("--equalize", "equal ranges of channels; Relu6 becomes Relu");
    private readonly Option<bool> _rounding = Arguments.Flag("--adaptive-rounding", "round weights so that outputs change least");
    private readonly Option<string> _bias = Arguments.Choice("--bias-correction", "correct biases for rounding; default on", ("on", "on"), ("off", "off"));
    private readonly Option<string?> _qat = Arguments.Text("--qat", "DATA", "train with rounding on these labelled samples");
    private readonly Option<int?> _epochs = Arguments.Count("--qat-epochs", "default 5", 5);
    private readonly Option<float?> _rate = Arguments.Real("--qat-rate", "R", "learning rate; default 0.0003");

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _equalize, _rounding, _bias, _qat, _epochs, _rate })
        {
            command.Add(option);
        }
    }

    public bool CorrectsBiases(ParseResult parse) => parse.GetValue(_bias) == "on";

    /// <param name="graph">After the passes.</param>
    /// <param name="samples">Calibration samples; null for a network that is int8 already.</param>
    /// <param name="preparation">How data become the network's input.</param>
    /// <returns>The graph to quantize.</returns>
    /// <exception cref="InputException">The network is int8 already, or the data for training do not fit it.</exception>
    public Graph Apply(
        ParseResult parse, string file, Graph graph, CalibrationSamples? samples, InputPreparation? preparation, QuantizationOptions options, Screen screen, CancellationToken cancellation)
    {
        string? qat = parse.GetValue(_qat);
        if (!parse.GetValue(_equalize) && !parse.GetValue(_rounding) && qat is null)
        {
            return graph;
        }

        if (samples is null)
        {
            throw new InputException($"{file}: is int8 already: --equalize, --adaptive-rounding and --qat need the float model that it was made from");
        }

        if (parse.GetValue(_equalize) && CrossLayerEqualization.Apply(graph) == 0)
        {
            screen.Warning($"{file}: has no two operators with weights one after the other; --equalize changes nothing");
        }

        if (qat is not null)
        {
            graph = Train(parse, qat, graph, samples, preparation, options, screen, cancellation);
        }
        else if (parse.GetValue(_rounding))
        {
            (int rounded, int adapted) = screen.Work(
                "rounding weights", progress => AdaptiveRounding.Apply(graph, samples, options.Weights, options.CorrectBiases, progress, cancellation));
            screen.Note($"{adapted} of {rounded} operators have weights rounded another way than to the nearest");
        }

        return graph;
    }

    private Graph Train(
        ParseResult parse, string path, Graph graph, CalibrationSamples samples, InputPreparation? preparation, QuantizationOptions options, Screen screen, CancellationToken cancellation)
    {
        Value input = graph.Inputs[0];
        Dataset data = Samples.Load(path, InputTensor.Of(input), preparation, screen, DatasetOptions.Default with { FeatureNames = FloatNetwork.FeaturesOf(graph) });
        var tuner = new FineTuner(LearningData.Split(data, 1, preparation ?? new InputPreparation()), 64, 1);
        int epochs = parse.GetValue(_epochs) ?? 5;
        var training = new QuantizationAwareOptions { Epochs = epochs, Rate = parse.GetValue(_rate) ?? 3e-4f, Quantization = options };
        if (training.Rate is not > 0)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--qat-rate takes a number above 0, not {training.Rate}"));
        }

        QuantizationAwareResult result = screen.Work(
            $"training {epochs} epochs with rounding",
            progress => QuantizationAwareTraining.Train(graph, samples, tuner, training, p => progress((double)p.Step / p.Steps), cancellation));
        screen.Note(string.Create(CultureInfo.InvariantCulture, $"held-out accuracy with rounding: {100 * result.AccuracyBefore:F2} % before, {100 * result.Accuracy:F2} % after training"));
        return result.Graph;
    }
}
