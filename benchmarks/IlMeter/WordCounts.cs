using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Estimation;
using TinyInference.Converter.Language;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Quantization;

namespace TinyInference.IlMeter;

using TinyInference.Converter.Graphs;
using Operator = TinyInference.Converter.Graphs.Operator;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>What a language model executes for one word: two steps of its cell, each with one softmax of the factored two, logarithms of probabilities and all calls.</summary>
/// <param name="Macs">Of both steps and both softmaxes.</param>
internal sealed record WordCounts(string Name, long Macs, InstructionCounts Counts)
{
    public const int Units = 64;
    private const int Side = 100;

    public double PerMac => (double)Counts.Total / Macs;

    /// <summary>Whether a blob is a language model.</summary>
    public static bool IsLanguageModel(Model model) => model.GetResource(Resource.Words) is not null && model.GetResource(Resource.Cells) is not null && model.Outputs.Length == 2;

    public static WordCounts Measure(string name, byte[] blob)
    {
        NetworkReport report = BlobReport.Create(Model.Load(blob), name);
        long logits = report.Operators.TakeLast(2).Sum(o => o.Macs);
        long body = report.Operators.Sum(o => o.Macs) - logits;
        using var meter = new InstructionMeter();
        return new WordCounts(name, (2 * body) + logits, meter.CountWord(blob));
    }

    /// <summary>Language models for 10,000 words with <see cref="Units"/> units, one of each cell, of random weights.</summary>
    public static IEnumerable<WordCounts> MeasureCells(KernelPreference kernels) =>
        Enum.GetValues<RecurrentCellKind>().Select(cell => Measure($"{cell}, {Units} units, {Side * Side:N0} words", LanguageModel(cell, kernels)));

    public static byte[] LanguageModel(RecurrentCellKind kind, KernelPreference kernels)
    {
        const int Steps = 8;
        var random = new Random(1);
        var cell = new Recurrent(kind);
        int width = cell.Gates * Units;
        Value Constant(string name, int rows, int columns)
        {
            float[] data = new float[rows * columns];
            for (int i = 0; i < data.Length; i++)
            {
                data[i] = (float)((2 * random.NextDouble()) - 1) / (float)Math.Sqrt(columns);
            }

            return new Value(name, new Tensor(new Shape(rows, columns), data));
        }

        var graph = new Graph { Name = kind.ToString() };
        var index = new Value("index", ElementType.Int32, new Shape(1, Steps));
        Value Add(string name, Operator op, int columns, params Value[] inputs)
        {
            var y = new Value(name, ElementType.Float32, new Shape(1, Steps, columns));
            graph.Nodes.Add(new Node(name, op, inputs, [y]));
            return y;
        }

        graph.Inputs.Add(index);
        Value x = Add("embedded", new Gather(0), Units, Constant("vectors", 2 * Side, Units), index);
        Value state = Add("state", cell, Units, x, Constant("W", width, Units), Constant("R", width, Units));
        graph.Outputs.Add(Add("rows", new FullyConnected(Clamp.None, IsWide: true), Side, state, Constant("rows/w", Side, Units)));
        graph.Outputs.Add(Add("columns", new FullyConnected(Clamp.None, IsWide: true), Side, state, Constant("columns/w", Side, Units)));
        Tensor[] Sample(int i) => [new Tensor(new Shape(1, Steps), Enumerable.Range(0, Steps).Select(t => ((37 * i) + (11 * t)) % (2 * Side)).ToArray())];
        Graph quantized = StaticQuantizer.Quantize(graph, new CalibrationSamples(8, Sample), QuantizationOptions.Default, _ => { }, CancellationToken.None);
        string[] words = ["<unk>", "<s>", .. Enumerable.Range(0, (Side * Side) - 2).Select(i => $"w{i}")];
        return NetworkConverter.Emit(SequenceLength.Change(quantized, 1), kernels, WordTableWriter.Write(words, [.. Enumerable.Range(0, words.Length)], Side)).Blob;
    }

    public string ToText() => $"one word    {CountsText.PerMac(Counts.Total, Macs)} IL per MAC: {Counts.Total:N0} instructions, {Macs:N0} MACs, {CountsText.Milliseconds(Counts)} ms on the reference host";
}
