using TinyInference.Converter.Conversion;
using TinyInference.Converter.Estimation;
using TinyInference.Converter.Lowering;
using TinyInference.IlMeter;

namespace Converter.Tests.Lowering;

using TinyInference;
using TinyInference.Converter.Graphs;

/// <summary>What pruned layers become, and that it changes no byte of a result.</summary>
[TestClass]
public class SparseSelectionTest
{
    [TestMethod]
    [DataRow(1.0, 1, "Balanced", WeightEncoding.Dense)]
    [DataRow(0.8, 1, "Balanced", WeightEncoding.Dense)]
    [DataRow(0.1, 1, "Balanced", WeightEncoding.Sparse)]
    [DataRow(0.2, 3, "Balanced", WeightEncoding.SparseBlocks)]
    [DataRow(0.1, 1, "Plain", WeightEncoding.Dense)]
    [DataRow(1.0, 1, "Speed", WeightEncoding.Packed)]
    [DataRow(0.4, 1, "Speed", WeightEncoding.Packed)]
    [DataRow(0.2, 3, "Speed", WeightEncoding.SparseBlocks)]
    public void A_layer_is_stored_by_what_is_left_of_it(double kept, int together, string preference, int encoding)
    {
        Graph graph = new QuantizedNetwork("dense", 1, 1, 400).Pruned(kept, together).Dense(50).Softmax();
        Assert.AreEqual(encoding, Model.Load(NetworkConverter.Emit(graph, Enum.Parse<KernelPreference>(preference)).Blob).Operators[0].Encoding);
    }

    [TestMethod]
    [DataRow(0.1, 1)]
    [DataRow(0.2, 3)]
    public void Networks_give_the_bytes_of_plain_kernels(double kept, int together)
    {
        foreach (Graph graph in new[] { SmallNetworks.LeNet300(kept, together), SmallNetworks.LeNet5(kept, together) })
        {
            sbyte[] expected = Run(graph, KernelPreference.Plain);
            CollectionAssert.AreEqual(expected, Run(graph, KernelPreference.Balanced), $"{graph.Name} balanced");
            CollectionAssert.AreEqual(expected, Run(graph, KernelPreference.Speed), $"{graph.Name} speed");
        }
    }

    [TestMethod]
    public void A_network_pruned_to_8_percent_is_20_times_smaller_than_its_floats()
    {
        int bytes = NetworkConverter.Emit(SmallNetworks.LeNet300(0.08, 1)).Blob.Length;
        Console.WriteLine($"{bytes} bytes");
        Assert.IsTrue(bytes * 20 <= 266_610 * sizeof(float), $"{bytes} bytes");
    }

    /// <summary>What every layer gives: the softmax at the end hides much.</summary>
    private static sbyte[] Run(Graph graph, KernelPreference preference)
    {
        Model model = Model.Load(NetworkConverter.Emit(graph, preference).Blob);
        var session = new Session(model);
        var recorder = new Recorder(session);
        session.Observer = recorder;
        session.SetInput(0, Array.ConvertAll(InstructionMeter.RandomInput(model), b => (sbyte)b));
        session.Run();
        return [.. recorder.Outputs];
    }

    private sealed class Recorder(Session session) : IOperatorObserver
    {
        public List<sbyte> Outputs { get; } = [];

        public void Starting(TinyInference.Operator op)
        {
        }

        public void Finished(TinyInference.Operator op) => Outputs.AddRange(session.Arena.AsSpan(op.Outputs[0].ArenaOffset, op.Outputs[0].ByteCount));
    }
}
