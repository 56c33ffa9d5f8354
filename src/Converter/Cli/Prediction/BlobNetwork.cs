using System.Runtime.InteropServices;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Cli.Prediction;

/// <summary>A blob, run by the runtime itself.</summary>
internal sealed class BlobNetwork : INetwork
{
    private readonly Model _model;

    /// <exception cref="InputException">The blob has several inputs.</exception>
    public BlobNetwork(Model model, string file)
    {
        if (model.Inputs.Length != 1)
        {
            throw new InputException($"{file}: has {model.Inputs.Length} inputs; a data set feeds networks with one. Use 'run' with raw tensors");
        }

        _model = model;
        File = file;
        Tensor input = model.Inputs[0];
        string[] names = BlobText.Lines(model, Metadata.TensorNames);
        int index = Array.IndexOf(model.Tensors, input);
        Input = new InputTensor(index < names.Length ? names[index] : "", new Shape(input.Dimensions), Quantization(input));
        OutputShape = new Shape(model.Outputs[0].Dimensions);
        Labels = BlobText.Lines(model, Metadata.Labels);
        Features = BlobText.Lines(model, Metadata.FeatureNames);
        Task = NetworkTasks.Parse(model.GetMetadata(Metadata.Task));
        Preparation = model.GetMetadata(Metadata.InputPreparation) is { Length: > 0 } text ? InputPreparation.Parse(text) : null;
    }

    public string File { get; }

    /// <summary>What the input is, since trees compare it as it comes, and nothing else computes in more than int8.</summary>
    public string Arithmetic => _model.Inputs[0].Type switch
    {
        TensorType.Float32 => "float",
        TensorType.Int16 => "int16",
        _ => "int8",
    };

    public InputTensor Input { get; }

    public Shape OutputShape { get; }

    public bool OutputIsIndex => _model.Outputs[0].ScaleBits == 0 && _model.Outputs[0].ElementCount == 1;

    public string[] Labels { get; }

    public string[] Features { get; }

    public NetworkTask? Task { get; }

    public InputPreparation? Preparation { get; }

    public Predictor CreatePredictor()
    {
        var session = new Session(_model);
        return (input, output) =>
        {
            Span<byte> arena = MemoryMarshal.AsBytes(session.Arena.AsSpan());
            session.ResetState();
            TensorBytes.Quantize(input, _model.Inputs[0], arena);
            session.Run();
            TensorBytes.Dequantize(_model.Outputs[0], arena, output);
        };
    }

    private static QuantizationParameters? Quantization(Tensor tensor) =>
        BlobText.Scale(tensor) is { } scale ? new QuantizationParameters(scale, tensor.ZeroPoint) : null;
}
