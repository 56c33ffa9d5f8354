using TinyInference.Converter.Emission;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;
using GraphTensor = TinyInference.Converter.Graphs.Tensor;

namespace TinyInference.Converter.Cli.Prediction;

/// <summary>A model computed in float.</summary>
internal sealed class FloatNetwork : INetwork
{
    private readonly Graph _graph;
    private readonly FloatExecutor _executor;

    /// <exception cref="InputException">The model has several inputs, or cannot be computed.</exception>
    public FloatNetwork(Graph graph, string file)
    {
        if (graph.Inputs.Count != 1)
        {
            throw new InputException($"{file}: has {graph.Inputs.Count} inputs ({string.Join(", ", graph.Inputs.Select(i => i.Name))}); a data set feeds networks with one");
        }

        _graph = graph;
        _executor = new FloatExecutor(graph);
        File = file;
        Input = InputTensor.Of(graph.Inputs[0]);
    }

    public string File { get; }

    public string Arithmetic => "float";

    public InputTensor Input { get; }

    public Shape OutputShape => _graph.Outputs[0].Shape;

    public bool OutputIsIndex => _graph.Outputs[0].Shape.ElementCount == 1 && FakeQuantization.FlowType(_graph.Outputs[0]) != ElementType.Float32;

    public string[] Labels => _graph.Metadata.TryGetValue(MetadataKeys.Labels, out string? text) ? text.Split('\n') : [];

    public string[] Features => FeaturesOf(_graph) ?? [];

    public NetworkTask? Task => NetworkTasks.Parse(_graph.Metadata.GetValueOrDefault(MetadataKeys.Task));

    public InputPreparation? Preparation => PreparationOf(_graph);

    /// <summary>What a graph's metadata say about its data; null for nothing.</summary>
    public static InputPreparation? PreparationOf(Graph graph) =>
        graph.Metadata.TryGetValue(MetadataKeys.InputPreparation, out string? text) ? InputPreparation.Parse(text) : null;

    /// <summary>The names of the numbers that make a sample; null where the graph does not say them.</summary>
    public static string[]? FeaturesOf(Graph graph) => graph.Metadata.TryGetValue(MetadataKeys.Features, out string? text) ? text.Split('\n') : null;

    public Predictor CreatePredictor() => (input, output) => _executor.Run(Bind(_graph.Inputs[0], input.ToArray()))[0].ToFloats().AsSpan().CopyTo(output);

    /// <summary>Runs one sample and shows every tensor on the way.</summary>
    public GraphTensor[] Observe(ReadOnlySpan<float> input, Action<Value, GraphTensor> observe) => _executor.Run([Bind(_graph.Inputs[0], input.ToArray())], observe);

    /// <summary>Reals as the tensor that <paramref name="value"/> takes in a float execution; indices are rounded.</summary>
    public static GraphTensor Bind(Value value, float[] reals)
    {
        return new GraphTensor(value.Shape, FakeQuantization.FlowType(value) switch
        {
            ElementType.Float32 => reals,
            ElementType.Int8 => Array.ConvertAll(reals, x => (sbyte)Math.Clamp(MathF.Round(x), sbyte.MinValue, sbyte.MaxValue)),
            ElementType.UInt8 => Array.ConvertAll(reals, x => (byte)Math.Clamp(MathF.Round(x), byte.MinValue, byte.MaxValue)),
            ElementType.Int16 => Array.ConvertAll(reals, x => (short)Math.Clamp(MathF.Round(x), short.MinValue, short.MaxValue)),
            ElementType.Int32 => Array.ConvertAll(reals, x => (int)MathF.Round(x)),
            ElementType.Int64 => Array.ConvertAll(reals, x => (long)MathF.Round(x)),
            _ => Array.ConvertAll(reals, x => x != 0),
        });
    }
}
