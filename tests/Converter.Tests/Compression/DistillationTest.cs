using TinyInference.Converter;
using TinyInference.Converter.Compression;
using TinyInference.Converter.Compression.Distillation;
using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace Converter.Tests.Compression;

[TestClass]
public class DistillationTest
{
    [TestMethod]
    [DataRow(1f)]
    [DataRow(4f)]
    public void The_gradient_of_the_soft_cross_entropy_is_that_of_finite_differences(float temperature)
    {
        float[] logits = [1.5f, -0.3f, 0.2f, 2];
        float[] answer = [0.1f, 3, -1, 0.4f];
        var gradient = new float[4];
        DistillationObjective.SoftCrossEntropy(logits, answer, temperature, 0.7f, gradient);
        for (int i = 0; i < 4; i++)
        {
            float Loss(float step)
            {
                float[] moved = [.. logits];
                moved[i] += step;
                return DistillationObjective.SoftCrossEntropy(moved, answer, temperature, 0.7f, new float[4]);
            }

            Assert.AreEqual((Loss(1e-2f) - Loss(-1e-2f)) / 2e-2f, gradient[i], 5e-4f);
        }
    }

    [TestMethod]
    [DataRow(3)]
    [DataRow(5)]
    public void The_gradient_of_a_hint_is_that_of_finite_differences(int studentChannels)
    {
        (TrainableNetwork teacher, TrainableNetwork student) = (Network(3), Network(studentChannels));
        var hint = new Hint(teacher.Graph, "conv1", student.Graph, "conv1");
        Shard theirs = teacher.Shards[0];
        Shard ours = student.Shards[0];
        var random = new Random(1);
        foreach ((TrainableNetwork network, Shard shard) in new[] { (teacher, theirs), (student, ours) })
        {
            shard.Samples = 2;
            foreach (ref float x in shard.Activation(network.Graph.Nodes[0].Output))
            {
                x = (float)(random.NextDouble() - 0.5);
            }
        }

        ours.ClearGradients();
        hint.Apply(theirs, ours, 1);
        float[] gradient = ours.Gradient(student.Graph.Nodes[0].Output).ToArray();
        for (int i = 0; i < gradient.Length; i += 7)
        {
            double Loss(float step)
            {
                ours.Activation(student.Graph.Nodes[0].Output)[i] += step;
                double loss = hint.Apply(theirs, ours, 1);
                ours.Activation(student.Graph.Nodes[0].Output)[i] -= step;
                return loss;
            }

            Assert.AreEqual((Loss(5e-3f) - Loss(-5e-3f)) / 1e-2, gradient[i], 2e-3, $"{i}");
        }
    }

    [TestMethod]
    public void A_student_learns_from_a_teacher_without_any_label_of_its_own()
    {
        (Graph teacher, FineTuner tuner) = PatternsData.Trained("mlp:64-32-6", 8);
        LearningData few = tuner.Data with { Train = JoinedSamples.Join(PatternsData.Draw(6, 7), PatternsData.Draw(600, 8) with { Labels = null }) };
        Assert.AreEqual(-1, few.Train.Labels![^1]);
        Graph student = NamedNetworks.Create("mlp:64-12-6", PatternsData.Sample, 6, 2);
        DistillationResult result = Distiller.Train(
            teacher, student, new FineTuner(few, 32, 1), new DistillationOptions(), [], 10, 1e-2f, tuner.Data.Preparation, null, default);
        Assert.IsTrue(result.Accuracy > 0.8);
    }

    [TestMethod]
    public void Teacher_and_student_that_do_not_fit_are_refused()
    {
        (Graph teacher, FineTuner tuner) = PatternsData.Trained("mlp:64-32-6", 1);
        Graph student = NamedNetworks.Create("mlp:64-12-6", PatternsData.Sample, 6, 2);
        Graph other = NamedNetworks.Create("mlp:64-12-7", PatternsData.Sample, 7, 2);
        StringAssert.Contains(Refused(teacher, student, tuner, ("relu1", "relu1")), "32");
        StringAssert.Contains(Refused(teacher, student, tuner, ("nose", "relu1")), "no tensor 'nose'");
        StringAssert.Contains(Refused(teacher, other, tuner), "7");
        StringAssert.Contains(
            Assert.ThrowsExactly<InputException>(() => JoinedSamples.Join(PatternsData.Draw(6, 1), new Dataset("x", new FloatSamples(new float[8], 4), new Shape(4), DataKind.Real))).Message, "alike");
    }

    [TestMethod]
    [DataRow("/Relu_output_0", "/Relu_output_0_2")]
    [DataRow("conv1", "/Relu_output_0_2")]
    [DataRow("/Conv_output_0", "/Conv_output_0")]
    public void A_hint_may_be_named_as_people_see_it(string name, string found)
    {
        Graph graph = new NetworkBuilder("n", new Shape(1, 4, 3, 1), 1).Conv2D(3, 3, 3).Relu().FullyConnected(2).Build();
        graph.Nodes[0].Output.Name = "/Conv_output_0";
        graph.Nodes[1].Output.Name = "/Relu_output_0_2";

        Assert.AreEqual(found, Hint.Find(graph, name, "teacher").Name);
    }

    private static string Refused(Graph teacher, Graph student, FineTuner tuner, params (string, string)[] hints) =>
        Assert.ThrowsExactly<InputException>(() => Distiller.Train(teacher, student, tuner, new DistillationOptions(), hints, 1, 1e-3f, tuner.Data.Preparation, null, default)).Message;

    private static TrainableNetwork Network(int channels)
    {
        var builder = new NetworkBuilder("n", new Shape(1, 4, 3, 1), 1);
        return new TrainableNetwork(builder.Conv2D(channels, 3, 3).Relu().FullyConnected(2).Build(), 1, 2);
    }
}
