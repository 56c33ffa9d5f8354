using TinyInference.Converter.Conversion;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Quantization;

namespace Converter.Tests.Quantization;

using TinyInference;
using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>A table, a recurrent layer and logits of 16 bits: quantized on whole sequences, run step by step.</summary>
[TestClass]
public class RecurrentNetworkTest
{
    private const int Rows = 20;
    private const int Steps = 24;
    private const int Units = 32;
    private const double MostNoise = 0.03;

    [TestMethod]
    [DataRow(nameof(RecurrentCellKind.SimpleRnn), nameof(GateForm.Smooth), false)]
    [DataRow(nameof(RecurrentCellKind.Gru), nameof(GateForm.Smooth), false)]
    [DataRow(nameof(RecurrentCellKind.Gru), nameof(GateForm.Smooth), true)]
    [DataRow(nameof(RecurrentCellKind.Lstm), nameof(GateForm.Smooth), false)]
    [DataRow(nameof(RecurrentCellKind.SimpleRnn), nameof(GateForm.Hard), false)]
    [DataRow(nameof(RecurrentCellKind.Gru), nameof(GateForm.Hard), false)]
    [DataRow(nameof(RecurrentCellKind.Gru), nameof(GateForm.Hard), true)]
    [DataRow(nameof(RecurrentCellKind.Lstm), nameof(GateForm.Hard), false)]
    [DataRow(nameof(RecurrentCellKind.Gru), nameof(GateForm.HardSigmoid), false)]
    [DataRow(nameof(RecurrentCellKind.Lstm), nameof(GateForm.HardSigmoid), false)]
    public void Logits_are_near_those_of_float(string kind, string form, bool resetsBefore)
    {
        Graph graph = Network(new Recurrent(Enum.Parse<RecurrentCellKind>(kind), Enum.Parse<GateForm>(form), ResetsBefore: resetsBefore), new Random(1));
        Tensor[][] samples = [.. Enumerable.Range(0, 30).Select(i => Indices(new Random(100 + i)))];
        Graph quantized = StaticQuantizer.Quantize(graph, new CalibrationSamples(samples.Length, i => samples[i]), QuantizationOptions.Default, _ => { }, CancellationToken.None);
        var executor = new FloatExecutor(graph);
        foreach (KernelPreference kernels in new[] { KernelPreference.Balanced, KernelPreference.Speed })
        {
            var session = new Session(Model.Load(NetworkConverter.Emit(SequenceLength.Change(quantized, 1), kernels).Blob));
            float scale = BitConverter.Int32BitsToSingle(session.Model.Outputs[0].ScaleBits);
            double noise = 0, power = 0;
            for (int sample = 0; sample < 10; sample++)
            {
                Tensor[] input = Indices(new Random(sample));
                float[] expected = executor.Run(input)[0].Floats;
                session.ResetState();
                for (int t = 0; t < Steps; t++)
                {
                    session.SetInput(0, [(sbyte)input[0].Int32s[t], 0, 0, 0]);
                    session.Run();
                    sbyte[] output = new sbyte[2 * Rows];
                    session.GetOutput(0, output);
                    for (int i = 0; i < Rows; i++)
                    {
                        double real = scale * (short)((byte)output[2 * i] | (output[(2 * i) + 1] << 8));
                        noise += Math.Pow(real - expected[(t * Rows) + i], 2);
                        power += Math.Pow(expected[(t * Rows) + i], 2);
                    }
                }
            }

            Console.WriteLine($"{kind}, {form}, {resetsBefore}: noise {Math.Sqrt(noise / power):P2}");
            Assert.IsTrue(Math.Sqrt(noise / power) < MostNoise, $"noise {Math.Sqrt(noise / power):P2}");
        }
    }

    private static Tensor[] Indices(Random random) => [new Tensor(new Shape(1, Steps), Enumerable.Range(0, Steps).Select(_ => random.Next(Rows)).ToArray())];

    private static Graph Network(Recurrent cell, Random random)
    {
        Value Constant(string name, double scale, params int[] shape) =>
            new(name, new Tensor(new Shape(shape), Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => (float)(scale * ((2 * random.NextDouble()) - 1))).ToArray()));

        var graph = new Graph { Name = "words" };
        var index = new Value("index", ElementType.Int32, new Shape(1, Steps));
        var embedded = new Value("embedded", ElementType.Float32, new Shape(1, Steps, 16));
        var state = new Value("state", ElementType.Float32, new Shape(1, Steps, Units));
        var logits = new Value("logits", ElementType.Float32, new Shape(1, Steps, Rows));
        int width = cell.Gates * Units;
        graph.Inputs.Add(index);
        graph.Nodes.Add(new Node("table", new Gather(0), [Constant("rows", 1, Rows, 16), index], [embedded]));
        graph.Nodes.Add(new Node("cell", cell, [embedded, Constant("W", 0.5, width, 16), Constant("R", 0.2, width, Units), Constant("Wb", 0.3, width), Constant("Rb", 0.3, width)], [state]));
        graph.Nodes.Add(new Node("logits", new FullyConnected(Clamp.None, IsWide: true), [state, Constant("V", 1, Rows, Units), Constant("b", 1, Rows)], [logits]));
        graph.Outputs.Add(logits);
        return graph;
    }
}
