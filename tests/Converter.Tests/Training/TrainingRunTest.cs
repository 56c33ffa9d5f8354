using TinyInference.Converter;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using TinyInference.Converter.Demo;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace Converter.Tests.Training;

[TestClass]
public class TrainingRunTest
{
    [TestMethod]
    public void Stopped_and_resumed_it_gives_the_same_weights_as_in_one_go()
    {
        using var files = new Data.TemporaryFiles();
        string path = Path.Combine(files.Folder, "a.checkpoint");
        Dataset data = Digits(120, 1);
        (Graph whole, TrainingRun run, _) = Create();
        run.Run(data, null, new LabelObjective(data), null, null, default);

        (_, TrainingRun first, _) = Create();
        using var stop = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => first.Run(
            data, null, new LabelObjective(data), null, checkpoint =>
            {
                if (checkpoint.Epochs == 2)
                {
                    stop.Cancel();
                }
            }, stop.Token));
        CheckpointFile.Write(path, first.Last!);
        (Graph resumed, TrainingRun second, Optimizer optimizer) = Create();
        second.Resume(CheckpointFile.Read(path, resumed, optimizer));
        second.Run(data, null, new LabelObjective(data), null, null, default);

        Assert.AreEqual(run.History.Count, second.History.Count);
        IReadOnlyList<float[]> expected = Checkpoint.TensorsOf(whole);
        IReadOnlyList<float[]> actual = Checkpoint.TensorsOf(resumed);
        for (int i = 0; i < expected.Count; i++)
        {
            CollectionAssert.AreEqual(expected[i], actual[i]);
        }
    }

    [TestMethod]
    public void A_checkpoint_of_something_else_is_refused_with_the_reason()
    {
        using var files = new Data.TemporaryFiles();
        string path = Path.Combine(files.Folder, "a.checkpoint");
        Dataset data = Digits(64, 1);
        (_, TrainingRun run, _) = Create();
        run.Run(data, null, new LabelObjective(data), null, null, default);
        CheckpointFile.Write(path, run.Last!);
        byte[] good = File.ReadAllBytes(path);

        (Graph graph, _, Optimizer optimizer) = Create();
        (Graph other, _, Optimizer otherOptimizer) = Create("dscnn:width=12,blocks=1");
        StringAssert.Contains(Refusal(path, other, otherOptimizer), "another network");
        var network = new TrainableNetwork(graph, 1, 1);
        StringAssert.Contains(Refusal(path, graph, new Sgd(network.Parameters, 0.9f)), "--optimizer adam");
        for (int i = 0; i < good.Length; i += Math.Max(1, good.Length / 50))
        {
            byte[] bad = (byte[])good.Clone();
            bad[i] ^= 0x55;
            File.WriteAllBytes(path, bad);
            string refusal = Refusal(path, graph, optimizer);
            StringAssert.Contains(refusal, i < 4 ? "no checkpoint" : i < 8 ? "of version" : "damaged");
        }

        File.WriteAllBytes(path, good[..(good.Length / 2)]);
        StringAssert.Contains(Refusal(path, graph, optimizer), "damaged");
        StringAssert.Contains(Refusal(path + ".none", graph, optimizer), "cannot be read");
    }

    [TestMethod]
    public void A_loss_that_is_no_number_leaves_the_best_weights()
    {
        Dataset data = Digits(64, 1);
        (Graph graph, TrainingRun run, _) = Create();
        float[] good = [];
        InputException error = Assert.ThrowsExactly<InputException>(() => run.Run(data, data, new LabelObjective(data), null, checkpoint =>
        {
            good = checkpoint.BestWeights[0];
            Checkpoint.TensorsOf(graph)[0][0] = float.NaN;
        }, default));
        StringAssert.Contains(error.Message, "no longer a number");
        CollectionAssert.AreEqual(good, Checkpoint.TensorsOf(graph)[0]);
        Assert.AreEqual(1, run.Last!.Epochs);
    }

    [TestMethod]
    public void Cancelled_while_an_epoch_is_judged_it_holds_the_one_before()
    {
        Dataset data = Digits(64, 1);
        (Graph graph, TrainingRun run, _) = Create();
        using var cancellation = new CancellationTokenSource();
        IReadOnlyList<float[]> first = [];
        Assert.ThrowsExactly<OperationCanceledException>(() => run.Run(
            data,
            data,
            new LabelObjective(data),
            progress =>
            {
                if (progress is { Epoch: 2 } && progress.Step % 2 == 0)
                {
                    cancellation.Cancel();
                }
            },
            checkpoint => first = checkpoint.Weights,
            cancellation.Token));
        Assert.HasCount(1, run.History);
        CollectionAssert.AreEqual(first[0], Checkpoint.TensorsOf(graph)[0]);
    }

    [TestMethod]
    public void Patience_ends_a_training_that_gets_no_better()
    {
        Dataset data = Digits(32, 1);
        Graph graph = NamedNetworks.Create("linear", MeterDigits.SampleShape, 10, 1);
        var network = new TrainableNetwork(graph, 1, 32);
        var run = new TrainingRun(network, new Adam(network.Parameters), new TrainingOptions { Epochs = 50, Patience = 2, Schedule = new Schedule(ScheduleKind.Constant, 1e-30f) });
        run.Run(data, data, new LabelObjective(data), null, null, default);
        Assert.IsTrue(run.StoppedEarly);
        Assert.AreEqual(3, run.History.Count);
    }

    private static string Refusal(string path, Graph graph, Optimizer optimizer) =>
        Assert.ThrowsExactly<InputException>(() => CheckpointFile.Read(path, graph, optimizer)).Message;

    private static (Graph Graph, TrainingRun Run, Optimizer Optimizer) Create(string name = "dscnn:width=8,blocks=1")
    {
        Graph graph = NamedNetworks.Create(name, MeterDigits.SampleShape, 10, 1);
        var network = new TrainableNetwork(graph, 2, 16);
        var optimizer = new Adam(network.Parameters);
        return (graph, new TrainingRun(network, optimizer, new TrainingOptions { Epochs = 4, BatchSize = 32, Preparation = new InputPreparation(Scale: 1 / 255f) }), optimizer);
    }

    private static Dataset Digits(int count, int seed)
    {
        (byte[] pixels, int[] labels) = MeterDigits.Draw(count, seed);
        int size = MeterDigits.SampleShape.ElementCount;
        return new Dataset("digits", new ByteSamples(pixels, 0, size, count, size, false), MeterDigits.SampleShape, DataKind.Pixels) { Labels = labels };
    }
}
