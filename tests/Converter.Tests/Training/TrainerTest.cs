using TinyInference.Converter;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using TinyInference.Converter.Demo;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace Converter.Tests.Training;

[TestClass]
public class TrainerTest
{
    [TestMethod]
    [DataRow("linear")]
    [DataRow("mlp:2-16-3")]
    public void A_network_learns_which_third_of_the_circle_a_point_lies_in(string name)
    {
        Dataset train = Circle(600, 1);
        var network = new TrainableNetwork(NamedNetworks.Create(name, train.SampleShape, 3, 1), 2, 32);
        var trainer = new Trainer(network, new Adam(network.Parameters), new TrainingOptions { Epochs = 10, Schedule = new Schedule(ScheduleKind.Cosine, 3e-2f) });
        trainer.Train(train, new LabelObjective(train), null, default);
        Assert.IsTrue(trainer.Accuracy(Circle(300, 2)) > 0.95);
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_bytes()
    {
        float[][] Weights()
        {
            (TrainableNetwork network, Trainer trainer) = Create(1);
            trainer.Train(Digits(200, 1), new LabelObjective(Digits(200, 1)), null, default);
            return [.. network.Parameters.Select(p => p.Data)];
        }

        float[][] first = Weights();
        float[][] second = Weights();
        for (int i = 0; i < first.Length; i++)
        {
            CollectionAssert.AreEqual(first[i], second[i]);
        }
    }

    [TestMethod]
    public void A_loss_that_is_no_number_stops_training_and_names_the_step()
    {
        (TrainableNetwork network, Trainer trainer) = Create(1);
        network.Parameters[0].Data[0] = float.NaN;
        InputException error = Assert.ThrowsExactly<InputException>(() => trainer.Train(Digits(64, 1), new LabelObjective(Digits(64, 1)), null, default));
        StringAssert.Contains(error.Message, "step 1");
    }

    [TestMethod]
    [DataRow("lenet6", "no network is called")]
    [DataRow("mlp:384-x-10", "apart by '-'")]
    [DataRow("mlp:100-10", "384 inputs")]
    [DataRow("mobilenetv1:alpha=0", "alpha")]
    [DataRow("mobilenetv1:size=96", "size=96")]
    [DataRow("resnet8:width=-1", "width")]
    [DataRow("dscnn:norm=group", "norm=group")]
    public void A_network_that_cannot_be_is_refused(string name, string message)
    {
        InputException error = Assert.ThrowsExactly<InputException>(() => NamedNetworks.Create(name, MeterDigits.SampleShape, 10, 1));
        StringAssert.Contains(error.Message, message);
    }

    private static (TrainableNetwork Network, Trainer Trainer) Create(int epochs)
    {
        Graph graph = NamedNetworks.Create("dscnn:width=16,blocks=2", MeterDigits.SampleShape, 10, 1);
        var network = new TrainableNetwork(graph, 2, 32);
        return (network, new Trainer(network, new Adam(network.Parameters), new TrainingOptions { Epochs = epochs, Preparation = new InputPreparation(Scale: 1 / 255f), Schedule = new Schedule(ScheduleKind.Cosine, 1e-2f) }));
    }

    private static Dataset Digits(int count, int seed)
    {
        (byte[] pixels, int[] labels) = MeterDigits.Draw(count, seed);
        int size = MeterDigits.SampleShape.ElementCount;
        return new Dataset("digits", new ByteSamples(pixels, 0, size, count, size, false), MeterDigits.SampleShape, DataKind.Pixels) { Labels = labels };
    }

    private static Dataset Circle(int count, int seed)
    {
        var random = new Random(seed);
        var points = new float[2 * count];
        var labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            double turn = random.NextDouble();
            labels[i] = (int)(turn * 3);
            points[2 * i] = (float)Math.Cos(2 * Math.PI * turn);
            points[(2 * i) + 1] = (float)Math.Sin(2 * Math.PI * turn);
        }

        return new Dataset("circle", new FloatSamples(points, 2), new Shape(2), DataKind.Real) { Labels = labels };
    }
}
