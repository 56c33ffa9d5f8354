namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>
/// Gives every activation of a graph int8 quantization parameters, from calibration samples where the graph has none, and turns
/// weights into int8 and biases into int32. What is quantized already stays as it is.
/// </summary>
internal static class StaticQuantizer
{
    /// <param name="graph">After the passes; left as it is.</param>
    /// <param name="samples">Null where there are none; they are needed only for activations without parameters.</param>
    /// <param name="options">Observer, granularity, forms.</param>
    /// <param name="progress">Told the part of calibration that is done, 0 to 1, from several threads.</param>
    /// <returns>A graph whose activations are Int8 with parameters, or plain integers.</returns>
    /// <exception cref="InputException">Samples are needed and there are none, or activations or weights are not finite.</exception>
    public static Graph Quantize(Graph graph, CalibrationSamples? samples, QuantizationOptions options, Action<double> progress, CancellationToken cancellation)
    {
        Graph result = graph.Clone();
        if (options.HardForms)
        {
            HardForms.Apply(result);
        }

        GlobalPools.ToMean(result);
        TreeEnsembles.Quantize(result, samples);
        (Value[] Values, QuantizationParameters? Pinned)[] groups = [.. new ScaleGroups(result).Groups()];
        (Dictionary<Value[], QuantizationParameters> found, ChannelMeans? means) = Calibrate(result, groups, samples, options, progress, cancellation);
        HashSet<Value> wide = WideOutputs.Of(result);
        foreach ((Value[] values, QuantizationParameters? pinned) in groups)
        {
            QuantizationParameters parameters = pinned ?? found[values];
            foreach (Value value in values)
            {
                bool isWide = wide.Contains(value);
                value.Type = isWide ? ElementType.Int16 : ElementType.Int8;
                value.Quantization ??= isWide ? WideOutputs.Widen(parameters) : parameters;
            }
        }

        WeightQuantizer.Quantize(result, options.Weights, options.CorrectBiases ? means : null);
        return result;
    }

    /// <summary>Whether some activation has no parameters yet, so that calibration samples are needed.</summary>
    public static bool NeedsCalibration(Graph graph) => new ScaleGroups(graph).Groups().Any(g => g.Pinned is null && FromOperands(graph, g.Values) is null);

    private static (Dictionary<Value[], QuantizationParameters> Parameters, ChannelMeans? Means) Calibrate(
        Graph graph,
        (Value[] Values, QuantizationParameters? Pinned)[] groups,
        CalibrationSamples? samples,
        QuantizationOptions options,
        Action<double> progress,
        CancellationToken cancellation)
    {
        var result = new Dictionary<Value[], QuantizationParameters>();
        var open = new List<Value[]>();
        foreach (Value[] values in groups.Where(g => g.Pinned is null).Select(g => g.Values))
        {
            if (FromOperands(graph, values) is { } range)
            {
                result.Add(values, range.ToParameters());
            }
            else
            {
                open.Add(values);
            }
        }

        if (open.Count == 0)
        {
            return (result, null);
        }

        if (samples is null || samples.Count == 0)
        {
            throw new InputException(
                $"{(graph.Name.Length == 0 ? "the network" : graph.Name)} computes in float: nothing says which range '{open[0][0].Name}'"
                + (open.Count > 1 ? $" and {open.Count - 1} other tensors have" : " has") + "; give some hundred typical inputs with --calibration DATA");
        }

        (Dictionary<Value, ValueRange> ranges, ChannelMeans means) = Calibrator.Observe(graph, [.. open.SelectMany(v => v)], samples, options, progress, cancellation);
        ValueRange whole = ranges.Values.Aggregate((a, b) => a.Union(b));
        foreach (Value[] values in open)
        {
            ValueRange range = options.Activations == ActivationGranularity.PerNetwork ? whole : values.Select(v => ranges[v]).Aggregate((a, b) => a.Union(b));
            result.Add(values, range.ToParameters());
        }

        return (result, means);
    }

    /// <summary>The range of what joins only tensors with given parameters; null for anything else.</summary>
    private static ValueRange? FromOperands(Graph graph, Value[] values)
    {
        ValueRange? range = null;
        Dictionary<Value, Node> producers = graph.Producers();
        foreach (Value value in values)
        {
            if (!producers.TryGetValue(value, out Node? producer) || producer.Operator is not Concat)
            {
                return null;
            }

            foreach (Value? input in producer.Inputs)
            {
                if (input?.Quantization is not { IsPerTensor: true } given)
                {
                    return null;
                }

                range = range?.Union(ValueRange.Of(given)) ?? ValueRange.Of(given);
            }
        }

        return range;
    }
}
