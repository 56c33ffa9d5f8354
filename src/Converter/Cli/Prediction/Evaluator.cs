using TinyInference.Converter.Data;
using TinyInference.Converter.Evaluation;

namespace TinyInference.Converter.Cli.Prediction;

/// <summary>Runs a network over a data set and judges its outputs.</summary>
internal static class Evaluator
{
    /// <summary>Threads that run samples: what the project's figures are measured with.</summary>
    public const int Threads = 2;

    /// <param name="task">Null to go by the network and the data.</param>
    /// <param name="progress">Told the part that is done, 0 to 1, from several threads.</param>
    /// <exception cref="InputException">Data and network do not fit, or there is nothing to judge by.</exception>
    public static EvaluationResult Evaluate(INetwork network, Dataset data, InputBinding binding, NetworkTask? task, Action<double> progress, CancellationToken cancellation)
    {
        NetworkTask decided = task ?? network.Task ?? Guess(network, data);
        return decided switch
        {
            NetworkTask.Classification => Classify(network, data, binding, progress, cancellation),
            NetworkTask.Reconstruction => Reconstruct(network, data, binding, progress, cancellation),
            _ => Regress(network, data, binding, progress, cancellation),
        };
    }

    /// <summary>Calls <paramref name="use"/> (sample, input, output) for every sample, from <see cref="Threads"/> threads; each array is its thread's.</summary>
    public static void Predict(INetwork network, InputBinding binding, int samples, Action<int, float[], float[]> use, Action<double> progress, CancellationToken cancellation)
    {
        int done = 0;
        int outputs = network.OutputShape.ElementCount;
        Parallel.For(
            0,
            samples,
            new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = cancellation },
            () => (Predictor: network.CreatePredictor(), Input: new float[binding.Elements], Output: new float[outputs]),
            (sample, _, local) =>
            {
                binding.Read(sample, local.Input);
                local.Predictor(local.Input, local.Output);
                use(sample, local.Input, local.Output);
                progress((double)Interlocked.Increment(ref done) / samples);
                return local;
            },
            _ => { });
    }

    private static NetworkTask Guess(INetwork network, Dataset data)
    {
        int outputs = network.OutputShape.ElementCount;
        bool sameSize = outputs > 1 && outputs == network.Input.Shape.ElementCount;
        return data.Targets is not null ? NetworkTask.Regression
            : sameSize && data.ClassCount <= 2 ? NetworkTask.Reconstruction
            : NetworkTask.Classification;
    }

    private static EvaluationResult Classify(INetwork network, Dataset data, InputBinding binding, Action<double> progress, CancellationToken cancellation)
    {
        int[] labels = data.Labels ?? throw new InputException($"{data.Name}: has no labels to compare with; give them with --labels FILE");
        int outputs = network.OutputShape.ElementCount;
        bool isIndex = network.OutputIsIndex;
        bool isBinary = !isIndex && outputs == 1;
        int classes = isBinary ? 2 : isIndex ? Math.Max(data.ClassCount, network.Labels.Length) : outputs;
        ClassLabels.CheckRange(data, classes);
        int[] predicted = new int[data.Count];
        float[] scores = new float[data.Count];
        bool[] valid = new bool[data.Count];
        Predict(
            network,
            binding,
            data.Count,
            (sample, _, output) =>
            {
                valid[sample] = !output.Any(float.IsNaN);
                predicted[sample] = isBinary ? (output[0] > 0.5f ? 1 : 0) : isIndex ? (int)output[0] : ConfusionMatrix.ArgMax(output);
                scores[sample] = output.Length == 2 ? output[1] - output[0] : output[0];
            },
            progress,
            cancellation);
        CheckValid(network, valid);
        var confusion = new ConfusionMatrix(classes);
        for (int i = 0; i < labels.Length; i++)
        {
            confusion.Add(labels[i], Math.Clamp(predicted[i], 0, classes - 1));
        }

        (double low, double high) = WilsonInterval(confusion.Correct, confusion.Samples);
        var further = new List<(string, double)> { ("accuracyLow95", low), ("accuracyHigh95", high) };
        if (classes == 2 && !isIndex && labels.Distinct().Count() == 2)
        {
            further.Add(("auc", Metrics.RocAuc(scores, Array.ConvertAll(labels, l => l == 1))));
        }

        return new EvaluationResult("accuracy", confusion.Accuracy, data.Count)
        {
            Network = network.File,
            Arithmetic = network.Arithmetic,
            Confusion = confusion,
            ClassNames = ClassNames(network, data, classes),
            Further = further,
        };
    }

    private static EvaluationResult Reconstruct(INetwork network, Dataset data, InputBinding binding, Action<double> progress, CancellationToken cancellation)
    {
        if (!network.OutputIsError && network.OutputShape.ElementCount != binding.Elements)
        {
            throw new InputException($"{network.File}: gives {network.OutputShape}, its input is {network.Input.Shape}: it does not reconstruct its input");
        }

        float[] errors = new float[data.Count];
        Predict(network, binding, data.Count, (sample, input, output) => errors[sample] = network.OutputIsError ? output[0] : (float)Metrics.MeanSquaredError(output, input), progress, cancellation);
        CheckValid(network, Array.ConvertAll(errors, e => !float.IsNaN(e)));
        double mean = errors.Average(e => (double)e);
        var result = new EvaluationResult("meanSquaredError", mean, data.Count) { Network = network.File, Arithmetic = network.Arithmetic };
        if (data.Labels is not { } labels || labels.Distinct().Count() != 2)
        {
            return result;
        }

        int anomaly = AnomalyLabel(data);
        double auc = Metrics.RocAuc(errors, Array.ConvertAll(labels, l => l == anomaly));
        return result with { Metric = "auc", Value = auc, Further = [("meanSquaredError", mean)] };
    }

    private static EvaluationResult Regress(INetwork network, Dataset data, InputBinding binding, Action<double> progress, CancellationToken cancellation)
    {
        float[] targets = data.Targets ?? (data.Labels is { } labels
            ? Array.ConvertAll(labels, l => (float)l)
            : throw new InputException($"{data.Name}: has no numbers to compare with; give them with --labels FILE"));
        if (network.OutputShape.ElementCount != 1)
        {
            throw new InputException($"{network.File}: gives {network.OutputShape}, a regression is compared with one number");
        }

        float[] predicted = new float[data.Count];
        Predict(network, binding, data.Count, (sample, _, output) => predicted[sample] = output[0], progress, cancellation);
        CheckValid(network, Array.ConvertAll(predicted, p => !float.IsNaN(p)));
        double squared = Metrics.MeanSquaredError(predicted, targets);
        return new EvaluationResult("meanSquaredError", squared, data.Count)
        {
            Network = network.File,
            Arithmetic = network.Arithmetic,
            Further = [("rootMeanSquaredError", Math.Sqrt(squared)), ("meanAbsoluteError", Metrics.MeanAbsoluteError(predicted, targets))],
        };
    }

    private static void CheckValid(INetwork network, bool[] valid)
    {
        int first = Array.IndexOf(valid, false);
        if (first >= 0)
        {
            throw new InputException($"{network.File}: gives NaN for sample {first} and {valid.Count(v => !v) - 1:N0} others; its weights or the data are not finite");
        }
    }

    /// <summary>Label 1, unless the names of the classes say that it is the normal one.</summary>
    private static int AnomalyLabel(Dataset data) =>
        data.ClassNames is { Count: > 1 } names && names[1].StartsWith("normal", StringComparison.OrdinalIgnoreCase) ? 0 : 1;

    private static string[] ClassNames(INetwork network, Dataset data, int classes)
    {
        IReadOnlyList<string> names = network.Labels.Length == classes ? network.Labels : data.ClassNames ?? [];
        return [.. Enumerable.Range(0, classes).Select(i => i < names.Count ? names[i] : $"{i}")];
    }

    /// <summary>
    /// Where the true part lies with 95 % confidence, from k of n. E. B. Wilson, "Probable inference, the law of succession, and
    /// statistical inference", JASA 22 (1927).
    /// </summary>
    private static (double Low, double High) WilsonInterval(int k, int n)
    {
        const double Z = 1.959963984540054;
        double part = (double)k / n;
        double center = part + (Z * Z / (2 * n));
        double margin = Z * Math.Sqrt((part * (1 - part) / n) + (Z * Z / (4.0 * n * n)));
        double scale = 1 + (Z * Z / n);
        return ((center - margin) / scale, (center + margin) / scale);
    }
}
