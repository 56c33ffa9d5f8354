using TinyInference;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Language;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Planning;
using TinyInference.Converter.Quantization;

namespace Converter.Tests.Language;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>Blobs for tests of what runs around a network, with weights by chance.</summary>
internal static class LanguageBlobs
{
    /// <summary>A blob that is there for its resources only.</summary>
    public static Model Load(IReadOnlyList<BlobResource> resources)
    {
        var program = new BlobProgram();
        var x = new BlobTensor("x", TensorType.Int8, new Shape(1), new QuantizationParameters(1, 0));
        program.Tensors.Add(x);
        program.Inputs.Add(x);
        program.Outputs.Add(x);
        program.Resources.AddRange(resources);
        return Model.Load(BlobWriter.ToBytes(program, MemoryPlanner.Plan(program)));
    }

    /// <summary>A gated unit between a table of 2 · side vectors and two softmaxes.</summary>
    public static byte[] LanguageModel(IReadOnlyList<string> words, IReadOnlyList<int> cells, int side, int units, int seed, KernelPreference kernels = KernelPreference.Balanced)
    {
        const int Steps = 16;
        var random = new Random(seed);
        Value Constant(string name, double scale, params int[] shape) =>
            new(name, new Tensor(new Shape(shape), Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => (float)(scale * ((2 * random.NextDouble()) - 1))).ToArray()));
        Value Real(string name, int width) => new(name, ElementType.Float32, new Shape(1, Steps, width));

        var graph = new Graph { Name = "words" };
        var index = new Value("index", ElementType.Int32, new Shape(1, Steps));
        Value embedded = Real("embedded", units);
        Value state = Real("state", units);
        graph.Inputs.Add(index);
        graph.Nodes.Add(new Node("vectors", new Gather(0), [Constant("table", 1, 2 * side, units), index], [embedded]));
        graph.Nodes.Add(new Node(
            "cell", new Recurrent(RecurrentCellKind.Gru), [embedded, Constant("W", 0.3, 3 * units, units), Constant("R", 0.3, 3 * units, units), Constant("Wb", 0.3, 3 * units), Constant("Rb", 0.3, 3 * units)], [state]));
        foreach (string name in new[] { "rows", "columns" })
        {
            Value logits = Real(name, side);
            graph.Nodes.Add(new Node(name, new FullyConnected(Clamp.None, IsWide: true), [state, Constant(name + "/w", 1, side, units), Constant(name + "/b", 1, side)], [logits]));
            graph.Outputs.Add(logits);
        }

        Tensor[] Sample(int i)
        {
            var sample = new Random(i);
            return [new Tensor(new Shape(1, Steps), Enumerable.Range(0, Steps).Select(_ => sample.Next(2 * side)).ToArray())];
        }

        Graph quantized = StaticQuantizer.Quantize(graph, new CalibrationSamples(8, Sample), QuantizationOptions.Default, _ => { }, CancellationToken.None);
        return NetworkConverter.Emit(SequenceLength.Change(quantized, 1), kernels, WordTableWriter.Write(words, cells, side)).Blob;
    }
}
