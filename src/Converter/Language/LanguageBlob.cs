using TinyInference.Converter.Conversion;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Language;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>From a trained model to a blob that predicts words on a device.</summary>
internal static class LanguageBlob
{
    /// <summary>As the blob's metadata has it (docs/SPEC.md).</summary>
    public const string Task = "language-model";

    /// <summary>Steps of a calibration sample: some sentences, one after the other.</summary>
    private const int CalibrationSteps = 64;
    private const int CalibrationSamples = 64;

    /// <param name="sentences">That it was trained with: they tell the ranges of its activations.</param>
    public static byte[] Create(LanguageNetwork network, TwoComponentCoding coding, Vocabulary vocabulary, IReadOnlyList<int[]> sentences, CancellationToken cancellation)
    {
        Graph graph = NetworkConverter.Prepare(LanguageGraph.Create(network, CalibrationSteps));
        graph.Metadata[MetadataKeys.Task] = Task;
        Graph quantized = StaticQuantizer.Quantize(graph, Samples(coding, sentences), QuantizationOptions.Default, _ => { }, cancellation);
        return NetworkConverter.Emit(
            SequenceLength.Change(quantized, 1), resources: WordTableWriter.Write(vocabulary.Words, coding.Placement.Cells, coding.Placement.Side)).Blob;
    }

    private static CalibrationSamples Samples(TwoComponentCoding coding, IReadOnlyList<int[]> sentences)
    {
        var streams = new TextStreams(sentences, [.. Enumerable.Range(0, sentences.Count)], coding, CalibrationSamples, CalibrationSteps);
        return new CalibrationSamples(CalibrationSamples, sample => [new Tensor(new Shape(1, CalibrationSteps), streams.Inputs(sample, CalibrationSteps))]);
    }
}
