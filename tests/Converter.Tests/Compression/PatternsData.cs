using TinyInference.Converter.Compression;
using TinyInference.Converter.Data;
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
        var prototypes = new Random(99);
        double[][] pictures = [.. Enumerable.Range(0, Classes).Select(_ => Enumerable.Range(0, 64).Select(_ => 60 + (140 * prototypes.NextDouble())).ToArray())];
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % Classes)];
        byte[] pixels = [.. labels.SelectMany(l => pictures[l].Select(p => (byte)Math.Clamp(p + (90 * (random.NextDouble() + random.NextDouble() - 1)), 0, 255)))];
        return new Dataset("patterns", new ByteSamples(pixels, 0, 64, count, 64, false), Sample, DataKind.Pixels) { Labels = labels };
    }

    public static LearningData Learning() => new(Draw(480, 1), Draw(240, 2), Scale, 0);

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
