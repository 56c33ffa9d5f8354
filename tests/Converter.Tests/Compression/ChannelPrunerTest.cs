using TinyInference.Converter.Compression.Pruning;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace Converter.Tests.Compression;

[TestClass]
public class ChannelPrunerTest
{
    /// <summary>A channel that is always 0 may go without a trace, if all that depends on it is found.</summary>
    [TestMethod]
    [DataRow("resnet8:width=8")]
    [DataRow("dscnn:width=8,blocks=2")]
    [DataRow("lenet5")]
    [DataRow("mobilenetv2:alpha=0.1")]
    [DataRow("lenet300")]
    public void Removing_channels_of_zeros_changes_no_output(string name)
    {
        var sample = new Shape(32, 32, 1);
        Graph graph = NamedNetworks.Create(name, sample, 10, 3);
        var random = new Random(5);
        IReadOnlyList<ChannelSpace> spaces = ChannelSpaces.Of(graph);
        Assert.IsTrue(spaces.Count > 0);
        foreach (ChannelSpace space in spaces)
        {
            Silence(space, random);
        }

        long macs = Cost.Macs(graph);
        var input = new Tensor(graph.Inputs[0].Shape, Enumerable.Range(0, sample.ElementCount).Select(_ => (float)random.NextDouble()).ToArray());
        float[] before = new FloatExecutor(graph).Run(input)[0].Floats;
        ChannelPruner.Shrink(graph, [.. spaces.Select(s => s.Channels / 2)]);
        float[] after = new FloatExecutor(graph).Run(input)[0].Floats;
        for (int i = 0; i < before.Length; i++)
        {
            Assert.AreEqual(before[i], after[i], 1e-4f);
        }

        Assert.IsTrue(Cost.Macs(graph) < macs * 0.55);
    }

    [TestMethod]
    public void Channels_of_a_residual_sum_go_together()
    {
        Graph graph = NamedNetworks.Create("resnet8:width=8", new Shape(8, 8, 3), 10, 1);
        IReadOnlyList<ChannelSpace> spaces = ChannelSpaces.Of(graph);

        // Of each stack one space within the block and one on the shortcut, of which three operators or two make the channels.
        CollectionAssert.AreEquivalent(new[] { 8, 8, 16, 16, 32, 32 }, spaces.Select(s => s.Channels).ToArray());
        Assert.AreEqual(3, spaces.Count(s => s.Producers.Count == 2));
    }

    [TestMethod]
    public void A_flattened_image_loses_the_columns_of_its_channels()
    {
        var builder = new NetworkBuilder("n", new Shape(1, 4, 4, 1), 1);
        Graph graph = builder.Conv2D(4, 3, 3).Relu().FullyConnected(2).Build();
        ChannelPruner.Shrink(graph, [3]);
        Assert.AreEqual(new Shape(2, 48), graph.Nodes[^1].Input(1).Shape);
    }

    [TestMethod]
    public void Outputs_and_what_concat_reads_keep_their_channels()
    {
        var builder = new NetworkBuilder("n", new Shape(1, 6), 1);
        Value a = builder.FullyConnected(4).Current;
        Value b = builder.FullyConnected(4).Current;
        var joined = new Value("joined", ElementType.Float32, new Shape(1, 8));
        builder.Graph.Nodes.Add(new Node("concat", new Concat(1), [a, b], [joined]));
        builder.Current = joined;
        Assert.AreEqual(0, ChannelSpaces.Of(builder.Build()).Count);
    }

    /// <summary>Makes half of the channels zeros: weights, biases and batch norm's shift; the other half far from it.</summary>
    private static void Silence(ChannelSpace space, Random random)
    {
        bool[] silent = [.. Enumerable.Range(0, space.Channels).Select(c => c % 2 == 1)];
        foreach (Node producer in space.Producers)
        {
            float[] weights = producer.Input(1).Constant!.Floats;
            int inputs = weights.Length / space.Channels;
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = silent[i / inputs] ? 0 : weights[i];
            }
        }

        foreach (Value constant in space.Constants.Where(c => c.Name.EndsWith("bias", StringComparison.Ordinal)))
        {
            float[] biases = constant.Constant!.Floats;
            for (int c = 0; c < biases.Length; c++)
            {
                biases[c] = silent[c % space.Channels] ? 0 : (float)random.NextDouble();
            }
        }
    }
}
