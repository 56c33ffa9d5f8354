using TinyInference.Converter.Compression.Pruning;
using TinyInference.Converter.Passes;
using TinyInference.Converter.Quantization;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.QuantizationAware;

using TinyInference.Converter.Graphs;

/// <summary>How to train with rounding.</summary>
internal sealed record QuantizationAwareOptions
{
    public int Epochs { get; init; } = 5;

    public float Rate { get; init; } = 3e-4f;

    /// <summary>Starting point and granularity.</summary>
    public QuantizationOptions Quantization { get; init; } = QuantizationOptions.Default;
}

/// <summary>A network trained with rounding.</summary>
/// <param name="Graph">Weights int8, activations with the parameters they were trained with: converting it keeps all of them.</param>
/// <param name="AccuracyBefore">Of the rounded network before training, on held-out samples.</param>
/// <param name="Accuracy">After training, on the same.</param>
internal sealed record QuantizationAwareResult(Graph Graph, double AccuracyBefore, double Accuracy);

/// <summary>
/// Trains a float network a few epochs while weights and activations are rounded to int8 in the forward pass (B. Jacob et al., CVPR
/// 2018, section 3), from the ranges that calibration found. Batch norm has been folded, so that what is trained is what will run.
/// </summary>
internal sealed class QuantizationAwareTraining
{
    private readonly Graph _prepared;
    private readonly FineTuner _tuner;
    private readonly QuantizationAwareOptions _options;
    private readonly Dictionary<string, ActivationGrid> _activations = new(StringComparer.Ordinal);
    private readonly TrainableNetwork _network;
    private readonly List<WeightGrid> _weights;

    private QuantizationAwareTraining(Graph prepared, CalibrationSamples samples, FineTuner tuner, QuantizationAwareOptions options, CancellationToken cancellation)
    {
        _prepared = prepared;
        _tuner = tuner;
        _options = options;
        Graph quantized = StaticQuantizer.Quantize(prepared, samples, options.Quantization, _ => { }, cancellation);
        Dictionary<string, QuantizationParameters> found = quantized.Values()
            .Where(v => !v.IsConstant && v.Quantization is { IsPerTensor: true })
            .ToDictionary(v => v.Name, v => v.Quantization!, StringComparer.Ordinal);
        foreach ((Value[] values, QuantizationParameters? pinned) in new ScaleGroups(prepared).Groups())
        {
            // Values that the quantizer's own rewriting has taken away follow those that share their scale.
            if (Array.Find(values, v => found.ContainsKey(v.Name)) is { } known)
            {
                var grid = new ActivationGrid(found[known.Name], pinned is not null);
                Array.ForEach(values, v => _activations.Add(v.Name, grid));
            }
        }

        Graph trainable = TrainableGraph.Copy(prepared);
        new SplitClamps().Apply(trainable);
        Dictionary<Value, double[]> power = InputPower.Of(trainable, samples, cancellation);
        _network = tuner.Open(trainable, Wrap);
        MagnitudeMasks.FromZeros(_network);
        _weights = [.. trainable.Nodes
            .Where(n => WeightQuantizer.WeightAxis(n) is not null)
            .Select(n => (Node: n, Parameter: _network.Parameters.FirstOrDefault(p => p.Value == n.Input(1))))
            .Where(w => w.Parameter is not null)
            .DistinctBy(w => w.Parameter)
            .Select(w => new WeightGrid(w.Node, w.Parameter!, WeightQuantizer.IsPerChannel(w.Node, options.Quantization.Weights), power[w.Node.Input(0)]))];
    }

    /// <param name="prepared">Float, after all passes; left as it is.</param>
    /// <param name="samples">For the ranges to start with.</param>
    /// <exception cref="InputException">The network can't be trained, or the data do not fit it.</exception>
    public static QuantizationAwareResult Train(
        Graph prepared, CalibrationSamples samples, FineTuner tuner, QuantizationAwareOptions options, Action<TrainingProgress>? report, CancellationToken cancellation)
    {
        if (options.Quantization.Weights == WeightGranularity.PerNetwork || options.Quantization.Activations == ActivationGranularity.PerNetwork)
        {
            throw new InputException("training with rounding needs a scale for each tensor or channel: one scale for the whole network can't be trained");
        }

        return new QuantizationAwareTraining(prepared, samples, tuner, options, cancellation).Train(report, cancellation);
    }

    private QuantizationAwareResult Train(Action<TrainingProgress>? report, CancellationToken cancellation)
    {
        var optimizer = new RoundedWeights(_network.Parameters, new Adam(_network.Parameters), _weights, Biases());
        double before = _tuner.Accuracy(_network, cancellation);
        Graph best = Result();
        double accuracy = before;
        _tuner.Train(_network, optimizer, new LabelObjective(_tuner.Data.Train), _options.Epochs, new Schedule(ScheduleKind.Cosine, _options.Rate, 0.05f), report, () =>
        {
            double reached = _tuner.Accuracy(_network, cancellation);
            if (reached >= accuracy)
            {
                accuracy = reached;
                best = Result();
            }
        }, cancellation);
        return new QuantizationAwareResult(best, before, accuracy);
    }

    /// <summary>The biases, in units of the range of what their operator adds them to.</summary>
    private List<(Parameter Parameter, float Unit)> Biases()
    {
        ILookup<Value, Node> consumers = _network.Graph.Consumers();
        var result = new List<(Parameter, float)>();
        foreach (Node node in _network.Graph.Nodes.Where(n => WeightQuantizer.WeightAxis(n) is not null))
        {
            Parameter? bias = _network.Parameters.FirstOrDefault(p => p.Value == node.OptionalInput(2));
            ActivationGrid? grid = consumers[node.Output].Select(n => n.Output).Prepend(node.Output).Select(v => _activations.GetValueOrDefault(v.Name)).FirstOrDefault(g => g is not null);
            if (bias is not null && grid is not null && !result.Exists(b => b.Item1 == bias))
            {
                result.Add((bias, WeightGrid.Unit(grid.Quantization.Scale * sbyte.MaxValue)));
            }
        }

        return result;
    }

    private RoundedLayer Wrap(Layer layer)
    {
        Value input = layer.Node.Input(0);
        ActivationGrid? inputGrid = _prepared.Inputs.Exists(i => i.Name == input.Name) ? _activations.GetValueOrDefault(input.Name) : null;
        return new RoundedLayer(layer, inputGrid, _activations.GetValueOrDefault(layer.Node.Output.Name));
    }

    /// <summary>The prepared graph with the weights as they are now, in int8, and with the activations' parameters.</summary>
    private Graph Result()
    {
        Graph result = _prepared.Clone();
        Dictionary<string, Parameter> parameters = _network.Parameters.ToDictionary(p => p.Value.Name, StringComparer.Ordinal);
        Dictionary<string, WeightGrid> grids = _weights.ToDictionary(g => g.Parameter.Value.Name, StringComparer.Ordinal);
        foreach (Value value in result.Values())
        {
            if (grids.TryGetValue(value.Name, out WeightGrid? grid))
            {
                value.Constant = new Tensor(value.Shape, grid.Integers());
                value.Type = ElementType.Int8;
                value.Quantization = grid.Quantization;
            }
            else if (parameters.TryGetValue(value.Name, out Parameter? parameter))
            {
                value.Constant = new Tensor(value.Shape, (float[])parameter.Data.Clone());
            }
            else if (!value.IsConstant && _activations.TryGetValue(value.Name, out ActivationGrid? activation))
            {
                value.Quantization = activation.Quantization;
            }
        }

        return result;
    }
}
