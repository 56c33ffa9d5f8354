using System.Numerics.Tensors;
using TinyInference.Converter;
using TinyInference.Converter.Compression;
using TinyInference.Converter.Compression.Distillation;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
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

    /// <summary>With as many channels, fewer and more than the teacher has, and between layers without places.</summary>
    [TestMethod]
    [DataRow(5, "relu1")]
    [DataRow(3, "relu1")]
    [DataRow(7, "relu1")]
    [DataRow(3, "fc1")]
    public void The_gradient_of_a_hint_is_that_of_finite_differences(int channels, string at)
    {
        TrainableNetwork teacher = Open(Convolutional(5, seed: 2));
        Graph student = Convolutional(channels);
        var hint = Hint.Connect(teacher.Graph, at, student, at);
        TrainableNetwork network = Open(student);
        Shard theirs = teacher.Shards[0];
        Shard ours = network.Shards[0];
        var random = new Random(1);
        float[] input = [.. Enumerable.Range(0, 24).Select(_ => (float)(random.NextDouble() - 0.5))];
        (theirs.Samples, ours.Samples) = (2, 2);
        input.CopyTo(theirs.Activation(teacher.Input));
        input.CopyTo(ours.Activation(network.Input));
        teacher.Forward(theirs);
        double Loss()
        {
            network.Forward(ours);
            return hint.Apply(theirs, ours, 0.5f);
        }

        Loss();
        ours.ClearGradients();
        hint.Apply(theirs, ours, 0.5f);
        network.Backward(ours);
        network.Gather();
        int checkedWeights = 0;
        foreach (Parameter parameter in network.Parameters)
        {
            for (int i = 0; i < parameter.Data.Length; i += 5)
            {
                float old = parameter.Data[i];
                parameter.Data[i] = old + 1e-3f;
                double up = Loss();
                parameter.Data[i] = old - 1e-3f;
                double down = Loss();
                parameter.Data[i] = old;
                Assert.AreEqual((up - down) / 2e-3, parameter.Gradient[i], 5e-3, $"{parameter.Value.Name}[{i}]");
                checkedWeights += parameter.Gradient[i] != 0 ? 1 : 0;
            }
        }

        Assert.IsTrue(checkedWeights > 5);
    }

    [TestMethod]
    public void What_a_hint_needs_in_training_is_not_part_of_the_student()
    {
        (Graph teacher, FineTuner tuner) = PatternsData.Trained("mlp:64-32-6", 4);
        Graph student = NamedNetworks.Create("mlp:64-12-6", PatternsData.Sample, 6, 2);
        float[][] Weights()
        {
            DistillationResult result = Distiller.Train(
                teacher, student, new FineTuner(tuner.Data, 32, 1, null, Mixup.Of(1)), new DistillationOptions { TeacherWeight = 0 }, [("relu1", "relu1")], 4, 1e-2f, tuner.Data.Preparation, null, default);
            GraphValidator.Validate(result.Graph);
            CollectionAssert.AreEqual(student.Nodes.ConvertAll(n => n.Name), result.Graph.Nodes.ConvertAll(n => n.Name));
            return [.. result.Graph.Values().Where(v => v.IsConstant).Select(v => v.Constant!.Floats)];
        }

        float[][] first = Weights();
        float[][] second = Weights();
        Assert.IsTrue(first.Zip(second).All(p => p.First.SequenceEqual(p.Second)), "the same seed gives the same bytes");
    }

    /// <summary>
    /// Student and teacher are the same network, but for how data become the input. Whatever augmentation and mixup do to the samples, they agree only
    /// if the teacher judges what the student sees; then the loss is the teacher's entropy, and nothing is left to learn.
    /// </summary>
    [TestMethod]
    public void The_teacher_judges_the_sample_that_the_student_sees()
    {
        (Graph teacher, FineTuner tuner) = PatternsData.Trained("mlp:64-32-6");
        LearningData data = tuner.Data;
        Graph student = TrainableGraph.Copy(teacher);
        Value weights = student.Nodes.First(n => n.Operator is FullyConnected).Input(1);
        TensorPrimitives.Multiply(weights.Constant!.Floats, 2 * PatternsData.Scale, weights.Constant.Floats);
        var own = new InputPreparation(Scale: 0.5f);
        Augmentation augmentation = Augmentation.Parse("shift=3,flip,cutout=4,noise=20", PatternsData.Sample, DataKind.Pixels);
        TrainableNetwork network = tuner.Open(student);
        var options = new TrainingOptions { Epochs = 1, BatchSize = 32, Preparation = own, Augmentation = augmentation, Mixup = Mixup.Of(1) };
        TrainableNetwork expert = tuner.Open(teacher);
        var objective = new DistillationObjective(data.Train.Labels!, expert, [], new DistillationOptions { LabelWeight = 0 }, own, data.Preparation);
        var gradients = new List<float>();
        new Trainer(network, new Sgd(network.Parameters, 0), options with { Schedule = new Schedule(ScheduleKind.Constant, 1e-9f) })
            .Train(data.Train, objective, _ => gradients.AddRange(network.Parameters[^1].Gradient), default);
        Assert.AreEqual(0, gradients.Max(Math.Abs), 1e-5f);
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
        StringAssert.Contains(
            Assert.ThrowsExactly<InputException>(() => Hint.Connect(Convolutional(3), "relu1", Convolutional(3, 2), "relu1")).Message, "height and width");
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

    private static Graph Convolutional(int channels, int stride = 1, int seed = 1) =>
        new NetworkBuilder("n", new Shape(1, 4, 3, 1), seed).Conv2D(channels, 3, 3, stride).Relu().FullyConnected(channels).Relu().FullyConnected(2).Build();

    private static TrainableNetwork Open(Graph graph) => new(graph, 1, 2);
}
