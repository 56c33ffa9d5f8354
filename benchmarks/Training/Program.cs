using System.Diagnostics;
using System.Globalization;
using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Numerics;
using TinyInference.Converter.Training;

namespace TinyInference.TrainingBenchmark;

/// <summary>
/// Samples per second of forward, backward and step at batch 64 with 2 threads, on random numbers: the median of several runs, the figure that
/// follows from processor time (which other work on the machine does not slow), and what the machine's matrix product alone would allow.
/// </summary>
internal static class Program
{
    private const int Batch = 64;
    private const int Batches = 8;
    private const int Runs = 7;

    private static void Main()
    {
        double gigaflops = GemmSpeed();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"matrix product 512 x 512 x 512, one thread: {gigaflops:F1} GFLOP/s"));
        foreach ((string name, Shape sample, int classes, int reference) in new[] { ("dscnn", new Shape(49, 10, 1), 12, 4404), ("resnet8", new Shape(32, 32, 3), 10, 2399) })
        {
            (double speed, double perCore, double macs) = Measure(name, sample, classes);
            double bound = 2 * gigaflops * 1e9 / (6 * macs);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {speed:N0} samples/s (median of {Runs}), {2 * perCore:N0} by processor time; PyTorch 1.13 on the reference machine {reference:N0}; matrix products alone would allow {bound:N0}"));
            Console.WriteLine(PyTorch.Measure(name, Batch, Runs) is { } there
                ? $"{name}: PyTorch here: {there}"
                : $"{name}: PyTorch here is skipped: python3 has no module 'torch' (Debian: python3-torch)");
        }
    }

    private static (double Speed, double PerCore, double Macs) Measure(string name, Shape sample, int classes)
    {
        Graph graph = NamedNetworks.Create(name, sample, classes, 1);
        var network = new TrainableNetwork(graph, 2, Batch / 2);
        var trainer = new Trainer(network, new Adam(network.Parameters), new TrainingOptions { Epochs = Runs + 1, BatchSize = Batch });
        var random = new Random(1);
        float[] values = new float[Batch * Batches * sample.ElementCount];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)random.NextDouble();
        }

        int[] labels = [.. Enumerable.Range(0, Batch * Batches).Select(_ => random.Next(classes))];
        var data = new Dataset("random", new FloatSamples(values, sample.ElementCount), sample, DataKind.Real) { Labels = labels };
        var objective = new LabelObjective(data);
        trainer.TrainEpoch(0, data, objective, null, default);
        var seconds = new double[Runs];
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            trainer.TrainEpoch(run + 1, data, objective, null, default);
            seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return (data.Count / seconds[Runs / 2], data.Count * Runs / (Environment.CpuUsage.TotalTime - before).TotalSeconds, Cost.Macs(graph));
    }

    private static double GemmSpeed()
    {
        const int Side = 512;
        float[] a = new float[Side * Side];
        float[] c = new float[Side * Side];
        var b = new PackedMatrix(false, Side, Side, a, Side);
        double best = 0;
        for (int run = 0; run < 40; run++)
        {
            long start = Stopwatch.GetTimestamp();
            Gemm.Multiply(false, Side, a, Side, b, c, Side, false);
            best = Math.Max(best, 2.0 * Side * Side * Side / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
        }

        return best;
    }
}
