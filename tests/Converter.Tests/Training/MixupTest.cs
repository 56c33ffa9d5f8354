using TinyInference.Converter;
using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace Converter.Tests.Training;

[TestClass]
public class MixupTest
{
    [TestMethod]
    [DataRow(1f)]
    [DataRow(0.2f)]
    public void Shares_have_the_moments_of_a_beta_distribution(float alpha)
    {
        Mixup mixup = Mixup.Of(alpha)!;
        DrawnSample[] drawn = [.. Enumerable.Range(0, 20000).Select(seed => mixup.Draw(3, 50, seed))];
        Assert.IsTrue(drawn.All(d => d.Index == 3 && d.Other is >= 0 and < 50 && d.Share is >= 0 and <= 1));
        Assert.AreEqual(50, drawn.Select(d => d.Other).Distinct().Count());
        Assert.AreEqual(0.5, drawn.Average(d => d.Share), 0.01);

        // The variance of Beta(a, a) is 1 / (4 (2 a + 1)).
        Assert.AreEqual(1 / (4 * ((2 * alpha) + 1)), drawn.Average(d => (d.Share - 0.5) * (d.Share - 0.5)), 0.004);
        Assert.AreEqual(drawn[7], mixup.Draw(3, 50, 7));
    }

    [TestMethod]
    public void Training_blends_what_is_seen_and_what_is_asked_for_by_the_same_share()
    {
        // Sample i is i in its first number and 1 in its second, so that the blend tells its samples and share.
        var data = new Dataset("numbers", new FloatSamples([.. Enumerable.Range(0, 40).SelectMany(i => new[] { (float)i, 1f })], 2), new Shape(2), DataKind.Real)
        {
            Labels = [.. Enumerable.Range(0, 40).Select(i => i % 3)],
        };
        var network = new TrainableNetwork(NamedNetworks.Create("mlp:2-3-3", data.SampleShape, 3, 1), 2, 8);
        var seen = new Recorder();
        new Trainer(network, new Adam(network.Parameters), new TrainingOptions { Epochs = 2, BatchSize = 16, Mixup = Mixup.Of(1) }).Train(data, seen, null, default);
        Assert.HasCount(80, seen.Samples);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 80).Select(i => i / 2).ToArray(), seen.Samples.Select(s => s.Sample.Index).ToArray());
        Assert.AreEqual(80, seen.Samples.Select(s => s.Sample.Share).Distinct().Count());
        foreach ((DrawnSample sample, float[] input) in seen.Samples)
        {
            Assert.AreEqual(((1 - sample.Share) * sample.Index) + (sample.Share * sample.Other), input[0], 1e-4f);
            Assert.AreEqual(1, input[1], 1e-5f);
        }
    }

    [TestMethod]
    public void The_loss_of_a_blend_is_the_cross_entropy_with_the_blend_of_the_labels()
    {
        float[] logits = [0.3f, -1, 2];
        int[] labels = [2, 0, -1];
        var p = new float[3];
        Losses.SoftMax(logits, 1, p);
        var gradient = new float[3];
        float loss = Losses.MixedCrossEntropy(logits, new DrawnSample(0, 1, 0.3f), labels, 0.5f, null, gradient);
        Assert.AreEqual(-0.5f * ((0.7f * MathF.Log(p[2])) + (0.3f * MathF.Log(p[0]))), loss, 1e-6f);
        float[] blend = [0.3f, 0, 0.7f];
        for (int i = 0; i < 3; i++)
        {
            Assert.AreEqual(0.5f * (p[i] - blend[i]), gradient[i], 1e-6f);
        }

        // What has no label asks for nothing.
        Assert.AreEqual(-0.7f * MathF.Log(p[2]), Losses.MixedCrossEntropy(logits, new DrawnSample(0, 2, 0.3f), labels, 1, null, new float[3]), 1e-6f);
        Assert.AreEqual(0, Losses.MixedCrossEntropy(logits, new DrawnSample(2, 2, 0.3f), labels, 1, null, new float[3]));
    }

    [TestMethod]
    [DataRow(-0.1f)]
    [DataRow(1.5f)]
    [DataRow(float.NaN)]
    public void What_is_no_such_number_is_refused(float alpha)
    {
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => Mixup.Of(alpha)).Message, "--mixup takes");
        Assert.IsNull(Mixup.Of(0));
    }

    /// <summary>Writes down what the network sees, and asks for nothing.</summary>
    private sealed class Recorder : Objective
    {
        public List<(DrawnSample Sample, float[] Input)> Samples { get; } = [];

        public override double Apply(TrainableNetwork network, Shard shard, ReadOnlySpan<DrawnSample> samples, float weight)
        {
            shard.Gradient(network.Output).Clear();
            for (int i = 0; i < samples.Length; i++)
            {
                lock (Samples)
                {
                    Samples.Add((samples[i], shard.Activation(network.Input).Slice(2 * i, 2).ToArray()));
                }
            }

            return 0;
        }
    }
}
