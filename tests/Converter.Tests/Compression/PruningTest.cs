using TinyInference.Converter;
using TinyInference.Converter.Compression;
using TinyInference.Converter.Compression.Distillation;
using TinyInference.Converter.Compression.Pruning;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Data;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace Converter.Tests.Compression;

[TestClass]
public class PruningTest
{
    [TestMethod]
    public void The_smallest_weights_of_all_layers_go_first()
    {
        TrainableNetwork network = Network();
        float[][] weights = [.. network.Parameters.Select(p => p.Data)];
        var masks = new MagnitudeMasks(network, 1);
        float[] all = [.. masks.Layers.SelectMany(l => l.Parameter.Data).Select(Math.Abs).OrderDescending()];
        masks.Apply(0.25, perLayer: false);
        float threshold = all[all.Length / 4];
        Assert.AreEqual(0.25, masks.Density, 0.01);
        Assert.IsTrue(masks.Layers.SelectMany(l => l.Parameter.Data).All(w => w == 0 || Math.Abs(w) >= threshold));
    }

    [TestMethod]
    public void Each_layer_keeps_its_share_where_that_is_asked()
    {
        var masks = new MagnitudeMasks(Network(), 1);
        masks.Apply(0.25, perLayer: true);
        foreach (MagnitudeMasks.Layer layer in masks.Layers)
        {
            Assert.AreEqual(0.25, (double)layer.Alive / layer.Parameter.Data.Length, 0.01);
        }
    }

    [TestMethod]
    public void Blocks_of_three_output_channels_live_or_die_together()
    {
        var masks = new MagnitudeMasks(Network(), 3);
        masks.Apply(0.3, perLayer: false);
        foreach (MagnitudeMasks.Layer layer in masks.Layers)
        {
            for (int channel = 0; channel < layer.Channels; channel++)
            {
                for (int place = 0; place < layer.Places; place++)
                {
                    float first = layer.Parameter.Mask![layer.IndexOf(channel / 3 * 3, place)];
                    Assert.AreEqual(first, layer.Parameter.Mask[layer.IndexOf(channel, place)]);
                }
            }
        }
    }

    [TestMethod]
    [DataRow(nameof(PruningSchedule.Iterative), nameof(PruningStructure.Weights))]
    [DataRow(nameof(PruningSchedule.Gradual), nameof(PruningStructure.Weights))]
    [DataRow(nameof(PruningSchedule.Iterative), nameof(PruningStructure.Block3))]
    public void A_pruned_network_stays_pruned_and_knows_its_classes(string schedule, string structure)
    {
        (Graph graph, FineTuner tuner) = PatternsData.Trained("mlp:64-32-6");
        float[] original = [.. graph.Nodes[1].Input(1).Constant!.Floats];
        PruningResult result = IterativePruning.Prune(graph, tuner, new PruningOptions
        {
            Keep = 0.2,
            Rounds = 4,
            FinalEpochs = 2,
            MaxLoss = 0.1,
            Schedule = Enum.Parse<PruningSchedule>(schedule),
            Structure = Enum.Parse<PruningStructure>(structure),
        }, null, null, default);
        Assert.IsTrue(result.AccuracyBefore > 0.8, $"{result.AccuracyBefore}");
        Assert.IsFalse(result.Stopped);
        Assert.AreEqual(0.2, result.Density, 0.01);
        Assert.IsTrue(result.Accuracy >= result.AccuracyBefore - 0.1, $"{result.AccuracyBefore} to {result.Accuracy}");
        CollectionAssert.AreEqual(original, graph.Nodes[1].Input(1).Constant!.Floats, "the graph given must stay as it is");
    }

    [TestMethod]
    public void Channels_go_and_the_network_still_knows_its_classes()
    {
        (Graph graph, FineTuner tuner) = PatternsData.Trained("dscnn:width=12,blocks=1", 4);
        PruningResult result = IterativePruning.Prune(
            graph, tuner, new PruningOptions { Keep = 0.5, Rounds = 2, FinalEpochs = 2, EpochsPerRound = 3, MaxLoss = 0.2, Rate = 1e-2f, Structure = PruningStructure.Channels }, null, null, default);
        Assert.IsTrue(result.AccuracyBefore > 0.8, $"{result.AccuracyBefore}");
        Assert.IsFalse(result.Stopped);
        Assert.IsTrue(Cost.Macs(result.Graph) < 0.7 * Cost.Macs(graph));
    }

    [TestMethod]
    [DataRow("resnet8:width=4")]
    [DataRow("dscnn:width=8,blocks=1")]
    public void Batch_norm_that_was_folded_comes_back_and_changes_no_output(string name)
    {
        LearningData data = PatternsData.Learning();
        Graph graph = TrainableGraph.From(NetworkConverter.Prepare(NamedNetworks.Create(name, PatternsData.Sample, PatternsData.Classes, 3)));
        Assert.IsFalse(graph.Nodes.Exists(n => n.Operator is BatchNorm));
        Graph restored = TrainableGraph.Copy(graph);
        Assert.IsTrue(BatchNormRestoring.Restore(restored, data));
        Assert.AreEqual(graph.Nodes.Count(n => n.Operator is Conv2D or DepthwiseConv2D), restored.Nodes.Count(n => n.Operator is BatchNorm));
        Graph folded = BatchNormRestoring.Fold(restored);
        CollectionAssert.AreEqual(graph.Nodes.Select(n => n.Name).ToArray(), folded.Nodes.Select(n => n.Name).ToArray());
        var input = new Tensor(graph.Inputs[0].Shape, Enumerable.Range(0, 64).Select(i => (i % 7) / 7f).ToArray());
        float[] before = new FloatExecutor(graph).Run(input)[0].Floats;
        foreach (Graph other in new[] { restored, folded })
        {
            float[] after = new FloatExecutor(other).Run(input)[0].Floats;
            for (int i = 0; i < before.Length; i++)
            {
                Assert.AreEqual(before[i], after[i], 1e-4f);
            }
        }

        Assert.IsFalse(BatchNormRestoring.Restore(restored, data), "what has batch norm needs none");
    }

    [TestMethod]
    public void The_original_teaches_the_pruned_network_without_labels()
    {
        (Graph graph, FineTuner tuner) = PatternsData.Trained("mlp:64-32-6", 8);
        PruningResult result = IterativePruning.Prune(
            graph, tuner, new PruningOptions { Keep = 0.5, Rounds = 2, FinalEpochs = 4, EpochsPerRound = 2, MaxLoss = 0.9, Rate = 1e-2f, Structure = PruningStructure.Channels, Distillation = new DistillationOptions { LabelWeight = 0 } }, null, null, default);
        Assert.IsTrue(result.Accuracy > 0.7, $"{result.AccuracyBefore} to {result.Accuracy}");
    }

    [TestMethod]
    public void Pruning_ends_with_the_round_before_the_loss_is_too_high()
    {
        (Graph graph, FineTuner tuner) = PatternsData.Trained("mlp:64-32-6", 10);
        PruningResult result = IterativePruning.Prune(graph, tuner, new PruningOptions { Keep = 0.002, Rounds = 4, FinalEpochs = 0, MaxLoss = 0.05 }, null, null, default);
        Assert.IsTrue(result.AccuracyBefore > 0.8, $"{result.AccuracyBefore}");
        Assert.IsTrue(result.Stopped);
        Assert.IsTrue(result.Density > 0.002);
        Assert.IsTrue(result.Accuracy >= result.AccuracyBefore - 0.05001);
    }

    [TestMethod]
    public void Data_without_labels_or_of_one_class_are_refused()
    {
        Dataset data = PatternsData.Draw(20, 1);
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => ClassLabels.CheckLearnable(data with { Labels = null })).Message, "no labels");
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => ClassLabels.CheckLearnable(data with { Labels = new int[20] })).Message, "one class (0)");
    }

    [TestMethod]
    public void A_network_of_other_samples_is_refused()
    {
        var tuner = new FineTuner(PatternsData.Learning(), 32, 1);
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => tuner.Open(NamedNetworks.Create("linear", new Shape(7), 10, 1))).Message, "takes 1x7");
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => tuner.Open(NamedNetworks.Create("linear", PatternsData.Sample, 4, 1))).Message, "4 classes");
    }

    private static TrainableNetwork Network() => new(NamedNetworks.Create("mlp:64-32-6", PatternsData.Sample, 6, 1), 1, 1);
}
