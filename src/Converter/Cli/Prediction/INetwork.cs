using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Cli.Prediction;

/// <summary>A network with one input that can be run on data, be it a model in float or a blob.</summary>
internal interface INetwork
{
    /// <summary>How the user calls it.</summary>
    string File { get; }

    /// <summary>"float", "int8", or "int16" for trees that read this.</summary>
    string Arithmetic { get; }

    InputTensor Input { get; }

    /// <summary>Of the first output.</summary>
    Shape OutputShape { get; }

    /// <summary>The first output holds an index and not a score for each class.</summary>
    bool OutputIsIndex { get; }

    /// <summary>The first output is the mean squared error between the network's output and its input: it was compared already.</summary>
    bool OutputIsError => false;

    /// <summary>Names of the classes; empty where the network has none.</summary>
    string[] Labels { get; }

    /// <summary>Names of the numbers that make a sample, where words are among them; else empty.</summary>
    string[] Features => [];

    NetworkTask? Task { get; }

    /// <summary>What the network says about its data; null where it says nothing.</summary>
    InputPreparation? Preparation { get; }

    /// <summary>A function that computes the first output; for one thread at a time.</summary>
    Predictor CreatePredictor();
}

/// <param name="input">Real input, [elements of the input].</param>
/// <param name="output">Real output, [elements of the output].</param>
internal delegate void Predictor(ReadOnlySpan<float> input, Span<float> output);

/// <summary>What a network is for (docs/SPEC.md, metadata).</summary>
internal enum NetworkTask
{
    Classification,

    /// <summary>The output is to be the input again; what differs much is unusual.</summary>
    Reconstruction,

    Regression,
}

internal static class NetworkTasks
{
    /// <summary>As the blob's metadata writes it.</summary>
    public static string Word(this NetworkTask task) => task.ToString().ToLowerInvariant();

    /// <summary>Null for words that are no task.</summary>
    public static NetworkTask? Parse(string? word) =>
        Enum.GetValues<NetworkTask>().Where(t => t.Word() == word).Select(t => (NetworkTask?)t).FirstOrDefault();
}
