using TinyInference.Converter;
using TinyInference.Converter.Data;
using TinyInference.Converter.Export.Onnx;
using TinyInference.Converter.Training.Trees;

namespace Converter.Tests.Trees;

using Google.Protobuf;
using TinyInference.Converter.Graphs;

[TestClass]
public class TreeTrainingTest
{
    [TestMethod]
    [DataRow("tree", 0.97)]
    [DataRow("tree:criterion=entropy,leaf=3", 0.96)]
    [DataRow("forest:trees=15,depth=12", 0.95)]
    [DataRow("boosted:trees=60,depth=4,rate=0.3", 0.95)]
    public void Fields_of_a_board_are_told_apart(string model, double least)
    {
        TreeProblem problem = Board(3);

        TreeEnsemble ensemble = Train(model, problem);

        double accuracy = problem.Measure(ensemble, problem.HeldOut);
        Console.WriteLine($"{model}: {accuracy:P1}, {ensemble.Summary}");
        Assert.IsGreaterThan(least, accuracy);
    }

    [TestMethod]
    public void Two_classes_are_boosted_with_one_score()
    {
        TreeProblem problem = Board(2);

        TreeEnsemble ensemble = Train("boosted:trees=30,depth=4", problem);

        Assert.IsTrue(ensemble.Trees.All(t => t.Output == 1));
        Assert.IsGreaterThan(0.95, problem.Measure(ensemble, problem.HeldOut));
    }

    [TestMethod]
    [DataRow("tree:leaf=5", 0.02)]
    [DataRow("forest:trees=15,depth=9,features=2", 0.02)]
    [DataRow("boosted:trees=80,depth=3", 0.01)]
    public void Numbers_are_learned(string model, double most)
    {
        TreeProblem problem = Surface((x, y) => MathF.Sin(3 * x) * y);

        Assert.IsLessThan(most, problem.Measure(Train(model, problem), problem.HeldOut));
    }

    [TestMethod]
    public void A_plane_is_a_ridge_s_weights()
    {
        TreeProblem problem = Surface((x, y) => (2 * x) - (3 * y) + 7);

        Node layer = Ridge.Train(problem).Nodes[0];

        Assert.AreEqual(2, layer.Input(1).Constant!.Floats[0], 0.01f);
        Assert.AreEqual(-3, layer.Input(1).Constant!.Floats[1], 0.01f);
        Assert.AreEqual(7, layer.Input(2).Constant!.Floats[0], 0.01f);
    }

    [TestMethod]
    [DataRow("tree")]
    [DataRow("forest:trees=6")]
    [DataRow("boosted:trees=6")]
    public void The_same_seed_gives_the_same_bytes_with_one_thread_or_two(string model)
    {
        byte[] Bytes(int threads) => OnnxExporter.Export(TreeModels.Train(model, Board(3), 5, threads, null, _ => { }, default)).ToByteArray();

        CollectionAssert.AreEqual(Bytes(1), Bytes(2));
    }

    [TestMethod]
    public void Pruning_leaves_the_smaller_tree_the_more_a_leaf_costs()
    {
        TreeProblem problem = Board(3, noise: 0.2f);
        int[] sizes = [.. new[] { "0", "0.0005", "0.002", "0.5" }.Select(a => Train($"tree:alpha={a}", problem).NodeCount)];

        CollectionAssert.AreEqual(sizes.OrderDescending().ToArray(), sizes);
        Assert.IsGreaterThan(sizes[2], sizes[0]);
        Assert.AreEqual(1, sizes[3]);
    }

    [TestMethod]
    public void Boosting_ends_when_it_gets_no_better()
    {
        TreeProblem problem = Board(2, noise: 0.3f);

        TreeEnsemble patient = ((TreeEnsemble)TreeModels.Train("boosted:trees=200,depth=5", problem, 1, 2, 3, _ => { }, default).Nodes[0].Operator);

        Assert.IsLessThan(200, patient.Trees.Length);
    }

    [TestMethod]
    [DataRow("tree:dept=3", "'dept=3' is not known")]
    [DataRow("forest:trees=0", "trees is a number from 1")]
    [DataRow("tree:criterion=none", "criterion is gini or entropy")]
    [DataRow("boosted:rate=x", "rate is a number")]
    public void Unknown_settings_are_named(string model, string message)
    {
        InputException e = Assert.ThrowsExactly<InputException>(() => Train(model, Board(2)));
        StringAssert.Contains(e.Message, message);
    }

    [TestMethod]
    [DataRow("tree:depth=2")]
    [DataRow("forest:trees=3,depth=2,features=1")]
    [DataRow("boosted:trees=10,depth=1")]
    public void Weights_let_a_rare_class_count_as_much(string model)
    {
        // Of the rare class where x is 1 every fifth sample, where it is 0 none.
        float[] values = [.. Enumerable.Range(0, 400).Select(i => (float)(i % 2))];
        int[] labels = [.. Enumerable.Range(0, 400).Select(i => i % 10 == 1 ? 1 : 0)];
        var problem = new TreeProblem(new Dataset("rare", new FloatSamples(values, 1), new Shape(1), DataKind.Real) { Labels = labels }, null, 2, 1, 0);
        float[] Scores(TreeProblem p)
        {
            var scores = new float[2];
            Train(model, p).Predict([1], scores);
            return scores;
        }

        float[] plain = Scores(problem);
        float[] weighted = Scores(problem with { ClassWeights = [0.55f, 5] });

        Assert.IsTrue(plain[0] > plain[1], string.Join(' ', plain));
        Assert.IsTrue(weighted[0] < weighted[1], string.Join(' ', weighted));
    }

    private static TreeEnsemble Train(string model, TreeProblem problem) => (TreeEnsemble)TreeModels.Train(model, problem, 1, 2, null, _ => { }, default).Nodes[0].Operator;

    /// <summary>Points on a board of 3 x 3 fields whose classes go round, and a column of chance.</summary>
    private static TreeProblem Board(int classes, float noise = 0)
    {
        var random = new Random(3);
        Dataset Make(int count)
        {
            var values = new float[count * 3];
            var labels = new int[count];
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; j < 3; j++)
                {
                    values[(i * 3) + j] = random.NextSingle() * 3;
                }

                labels[i] = random.NextSingle() < noise ? random.Next(classes) : ((int)values[i * 3] + (2 * (int)values[(i * 3) + 1])) % classes;
            }

            return new Dataset("board", new FloatSamples(values, 3), new Shape(3), DataKind.Real) { Labels = labels };
        }

        return new TreeProblem(Make(2000), Make(500), classes, 1, 0);
    }

    private static TreeProblem Surface(Func<float, float, float> height)
    {
        var random = new Random(4);
        Dataset Make(int count)
        {
            float[] values = [.. Enumerable.Range(0, count * 2).Select(_ => random.NextSingle())];
            float[] targets = [.. Enumerable.Range(0, count).Select(i => height(values[2 * i], values[(2 * i) + 1]))];
            return new Dataset("surface", new FloatSamples(values, 2), new Shape(2), DataKind.Real) { Targets = targets };
        }

        return new TreeProblem(Make(2000), Make(400), 0, 1, 0);
    }
}
