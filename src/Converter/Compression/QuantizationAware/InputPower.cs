using System.Numerics.Tensors;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Compression.QuantizationAware;

using TinyInference.Converter.Graphs;

/// <summary>The mean square of each channel of the activations that weights multiply: how much the error of a weight does to the outputs.</summary>
internal static class InputPower
{
    /// <summary>Samples looked at.</summary>
    private const int MostSamples = 128;

    /// <param name="graph">Float.</param>
    /// <param name="samples">At least one.</param>
    /// <returns>Of each index of the last dimension.</returns>
    public static Dictionary<Value, double[]> Of(Graph graph, CalibrationSamples samples, CancellationToken cancellation)
    {
        Dictionary<Value, double[]> result = graph.Nodes
            .Where(n => WeightQuantizer.WeightAxis(n) is not null)
            .Select(n => n.Input(0))
            .Distinct()
            .ToDictionary(v => v, v => new double[v.Shape[-1]]);
        var executor = new FloatExecutor(graph);
        int count = Math.Min(samples.Count, MostSamples);
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            executor.Run(samples.Read((int)((long)i * samples.Count / count)), (value, tensor) =>
            {
                if (result.TryGetValue(value, out double[]? power))
                {
                    Add(tensor.Floats, power, count);
                }
            });
        }

        return result;
    }

    private static void Add(ReadOnlySpan<float> data, double[] power, int samples)
    {
        double rows = (double)samples * data.Length / power.Length;
        var squares = new float[power.Length];
        for (int start = 0; start < data.Length; start += power.Length)
        {
            ReadOnlySpan<float> row = data.Slice(start, power.Length);
            TensorPrimitives.MultiplyAdd(row, row, squares, squares);
        }

        for (int c = 0; c < power.Length; c++)
        {
            power[c] += squares[c] / rows;
        }
    }
}
