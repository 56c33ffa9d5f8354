using TinyInference.Converter.Compression;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace Converter.Tests.Compression;

/// <summary>Noisy copies of a few random pictures, which small networks learn in a second; for tests of what makes networks smaller.</summary>
internal static class PatternsData
{
    public const float Scale = 1 / 255f;
    public const int Classes = 6;

    public static Shape Sample { get; } = new(8, 8, 1);

    public static Dataset Draw(int count, int seed)
    {
        (byte[] pixels, int[] labels) = DrawPixels(count, seed);
        return new Dataset("patterns", new ByteSamples(pixels, 0, 64, count, 64, false), Sample, DataKind.Pixels) { Labels = labels };
    }

    /// <summary>Writes pictures and labels as IDX files.</summary>
    /// <returns>The path of the pictures; the labels are found beside them.</returns>
    public static string WriteIdx(string folder, int count, int seed)
    {
        (byte[] pixels, int[] labels) = DrawPixels(count, seed);
        byte[] size = [0, 0, (byte)(count >> 8), (byte)count];
        string path = Path.Combine(folder, $"patterns{seed}-images-idx3-ubyte");
        File.WriteAllBytes(path, [0, 0, 8, 3, .. size, 0, 0, 0, 8, 0, 0, 0, 8, .. pixels]);
        File.WriteAllBytes(Path.Combine(folder, $"patterns{seed}-labels-idx1-ubyte"), [0, 0, 8, 1, .. size, .. labels.Select(l => (byte)l)]);
        return path;
    }

    private static (byte[] Pixels, int[] Labels) DrawPixels(int count, int seed)
    {
        var prototypes = new Random(99);
        double[][] pictures = [.. Enumerable.Range(0, Classes).Select(_ => Enumerable.Range(0, 64).Select(_ => 60 + (140 * prototypes.NextDouble())).ToArray())];
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % Classes)];
        byte[] pixels = [.. labels.SelectMany(l => pictures[l].Select(p => (byte)Math.Clamp(p + (90 * (random.NextDouble() + random.NextDouble() - 1)), 0, 255)))];
        return (pixels, labels);
    }

    public static LearningData Learning() => new(Draw(480, 1), Draw(240, 2), new InputPreparation(Scale: Scale));

    /// <summary>A network after a few epochs on <see cref="Learning"/>.</summary>
    public static (Graph Graph, FineTuner Tuner) Trained(string name, int epochs = 6)
    {
        Graph graph = NamedNetworks.Create(name, Sample, Classes, 1);
        LearningData data = Learning();
        var tuner = new FineTuner(data, 32, 1);
        TrainableNetwork network = tuner.Open(graph);
        tuner.Train(network, new LabelObjective(data.Train), epochs, new Schedule(ScheduleKind.Cosine, 1e-2f), null, default);
        return (graph, tuner);
    }
}
