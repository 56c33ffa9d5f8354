using TinyInference.Converter.Conversion;
using TinyInference.Converter.Data;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Evaluation;
using TinyInference.Converter.Features;
using TinyInference.Converter.Passes;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Sound;

using TinyInference.Converter.Graphs;

/// <summary>A trained keyword network as a blob, and how good it is there.</summary>
internal static class KeywordBlob
{
    /// <summary>Says in the graph what it is for, so that the blob and an ONNX file say it too.</summary>
    public static void Describe(Graph graph, IReadOnlyList<string> classes, FeatureSettings settings)
    {
        graph.Metadata[MetadataKeys.Task] = "classification";
        graph.Metadata[MetadataKeys.Labels] = string.Join('\n', classes);
        graph.Metadata[MetadataKeys.InputPreparation] = new InputPreparation(settings).ToString();
    }

    /// <param name="calibration">Clips that the network was trained with, as features.</param>
    public static byte[] Create(Graph graph, Dataset calibration, CancellationToken cancellation)
    {
        Graph prepared = NetworkConverter.Prepare(graph);
        Shape shape = prepared.Inputs[0].Shape;
        var samples = new CalibrationSamples(calibration.Count, index =>
        {
            var values = new float[shape.ElementCount];
            calibration.Read(index, values);
            return [new Tensor(shape, values)];
        });
        return NetworkConverter.Convert(prepared, samples, QuantizationOptions.Default, cancellation: cancellation).Blob;
    }

    /// <summary>Clips at the rate of the network, each by itself, through the runtime's features and the int8 network: what a device would answer.</summary>
    public static ConfusionMatrix Judge(byte[] blob, IReadOnlyList<KeywordClip> clips)
    {
        Model model = Model.Load(blob);
        FeatureTables tables = FeatureTables.Of(model);
        var frames = new FrameStream(tables);
        var session = new Session(model);
        int classes = model.Outputs[0].ElementCount;
        var matrix = new ConfusionMatrix(classes);
        foreach (KeywordClip clip in clips)
        {
            short[] pcm = clip.Second(tables.SampleRate);
            frames.Reset();
            frames.Push(pcm, 0, pcm.Length);
            frames.Read(session.Arena, model.Inputs[0].ArenaOffset);
            session.Run();
            ReadOnlySpan<sbyte> answer = session.Arena.AsSpan(model.Outputs[0].ArenaOffset, classes);
            int best = 0;
            for (int c = 1; c < classes; c++)
            {
                best = answer[c] > answer[best] ? c : best;
            }

            matrix.Add(clip.Label, best);
        }

        return matrix;
    }
}
