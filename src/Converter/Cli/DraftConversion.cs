using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Quantization;
using GraphTensor = TinyInference.Converter.Graphs.Tensor;

namespace TinyInference.Converter.Cli;

/// <summary>
/// The blob that a model would become, to know its size and memory: those do not depend on what the activations' ranges are. A float
/// model is calibrated with one sample of made-up numbers, so what the draft computes means nothing.
/// </summary>
internal static class DraftConversion
{
    /// <exception cref="InputException">The model cannot become a blob.</exception>
    public static NetworkReport Report(ModelFile model, CancellationToken cancellation)
    {
        bool isFloat = StaticQuantizer.NeedsCalibration(model.Graph);
        CalibrationSamples? samples = isFloat ? new CalibrationSamples(1, _ => [.. model.Graph.Inputs.Select(MakeUp)]) : null;
        byte[] blob = NetworkConverter.Convert(model.Graph, samples, QuantizationOptions.Default, cancellation: cancellation).Blob;
        NetworkReport report = BlobReport.Create(Model.Load(blob), model.Path);
        return report with
        {
            Format = isFloat ? "float model, as its blob will be" : "int8 model, as its blob will be",
            Inputs = [.. report.Inputs.Select(t => isFloat ? t with { Scale = null } : t)],
            Outputs = [.. report.Outputs.Select(t => isFloat ? t with { Scale = null } : t)],
        };
    }

    /// <summary>Numbers between -1 and 1; indices are 0.</summary>
    private static GraphTensor MakeUp(Value input)
    {
        int count = input.Shape.ElementCount;
        return input.Type switch
        {
            ElementType.Int32 => new GraphTensor(input.Shape, new int[count]),
            ElementType.Int64 => new GraphTensor(input.Shape, new long[count]),
            _ => new GraphTensor(input.Shape, Enumerable.Range(0, count).Select(i => ((i % 17) - 8) / 8f).ToArray()),
        };
    }
}
