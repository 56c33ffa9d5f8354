using TinyInference.Converter.Conversion;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Import;
using TinyInference.Converter.Import.Onnx.Schema;

namespace TinyInference.Converter.Tests.Import;

using TinyInference.Converter.Graphs;

/// <summary>Tree and linear operators of ai.onnx.ml, against what the specification says of each.</summary>
[TestClass]
public class OnnxTreesTest
{
    [TestMethod]
    [DataRow("BRANCH_LEQ")]
    [DataRow("BRANCH_LT")]
    [DataRow("BRANCH_GTE")]
    [DataRow("BRANCH_GT")]
    [DataRow("BRANCH_EQ")]
    [DataRow("BRANCH_NEQ")]
    public void Every_kind_of_question_is_decided_as_it_says(string mode)
    {
        Graph graph = Regressor([mode, "LEAF", "LEAF"]).Import();

        foreach (float x in new[] { 0.5f, MathF.BitDecrement(0.5f), MathF.BitIncrement(0.5f), -1, 7, float.MinValue })
        {
            bool yes = mode switch
            {
                "BRANCH_LEQ" => x <= 0.5f,
                "BRANCH_LT" => x < 0.5f,
                "BRANCH_GTE" => x >= 0.5f,
                "BRANCH_GT" => x > 0.5f,
                "BRANCH_EQ" => x == 0.5f,
                _ => x != 0.5f,
            };
            Assert.AreEqual(yes ? 10 : 20, Run(graph, x)[0], $"{x}");
        }
    }

    [TestMethod]
    public void One_score_of_two_classes_becomes_two()
    {
        float[] Scores(string transform, float weight) => Run(
            Classifier(transform, [0, 0], [weight, 0.25f], "no", "yes").Import(), 0);

        CollectionAssert.AreEqual(new[] { 0.25f, 0.75f }, Scores("NONE", 0.75f));
        CollectionAssert.AreEqual(new[] { 2f, -2f }, Scores("NONE", -2));
        float[] probabilities = Scores("LOGISTIC", 1.5f);
        Assert.AreEqual(1 / (1 + MathF.Exp(-1.5f)), probabilities[1], 1e-6f);
        Assert.AreEqual(1, probabilities[0] + probabilities[1], 1e-6f);
    }

    [TestMethod]
    public void A_classifier_gives_scores_and_names_not_the_chosen_class()
    {
        Graph graph = Classifier("SOFTMAX", [0, 1], [1, 2], "cat", "dog").Import();

        Assert.AreEqual("scores", graph.Outputs.Single().Name);
        Assert.AreEqual("cat\ndog", graph.Metadata[MetadataKeys.Labels]);
        Assert.AreEqual(MathF.E / (MathF.E + 1), Run(graph, 0)[0], 1e-6f);
    }

    [TestMethod]
    public void Version_5_is_read_too()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [0, 2]).Output("y").Node(
            "ai.onnx.ml/TreeEnsemble", "x", "y",
            ("tree_roots", new[] { 0 }), ("nodes_featureids", new[] { 1, 0 }), ("nodes_splits", Floats(0.5f, 3)), ("nodes_modes", Floats(0, 1)),
            ("nodes_truenodeids", new[] { 1, 0 }), ("nodes_trueleafs", new[] { 0, 1 }), ("nodes_falsenodeids", new[] { 2, 1 }), ("nodes_falseleafs", new[] { 1, 1 }),
            ("leaf_targetids", new[] { 0, 0, 0 }), ("leaf_weights", Floats(1, 2, 3)), ("n_targets", 1)).Import();

        Assert.AreEqual(1, Run(graph, 2.9f, 0.5f)[0]);
        Assert.AreEqual(2, Run(graph, 3, 0.5f)[0]);
        Assert.AreEqual(3, Run(graph, 3, 0.6f)[0]);
    }

    [TestMethod]
    public void Linear_models_and_what_stands_around_them_become_layers()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [1, 2]).Output("label").Output("map")
            .Node("ai.onnx.ml/Scaler", "x", "scaled", ("offset", new[] { 1f, 2f }), ("scale", new[] { 2f, 0.5f }))
            .Node("ai.onnx.ml/LinearClassifier", "scaled", "label raw", ("coefficients", new[] { 1f, 2f, -1f, 0f, 0f, 1f }), ("intercepts", new[] { 0f, 1f, 2f }), ("classlabels_strings", new[] { "a", "b", "c" }), ("post_transform", "SOFTMAX"))
            .Node("ai.onnx.ml/Normalizer", "raw", "normal", ("norm", "L1"))
            .Node("ai.onnx.ml/ZipMap", "normal", "map", ("classlabels_strings", new[] { "a", "b", "c" })).Import();

        double[] scores = [(4 + 1), 1 - 4, 2 + 0.5];
        double sum = scores.Sum(Math.Exp);
        float[] actual = Run(graph, 3, 3);
        for (int i = 0; i < 3; i++)
        {
            Assert.AreEqual(Math.Exp(scores[i]) / sum, actual[i], 1e-6);
        }

        Assert.AreEqual("a\nb\nc", graph.Metadata[MetadataKeys.Labels]);
    }

    [TestMethod]
    public void A_circle_and_what_leads_outside_are_refused()
    {
        InputException circle = Assert.ThrowsExactly<InputException>(() => Regressor(["BRANCH_LEQ", "LEAF", "LEAF"], yes: 0).Import());
        StringAssert.Contains(circle.Message, "circle");
        InputException outside = Assert.ThrowsExactly<InputException>(() => Regressor(["BRANCH_LEQ", "LEAF", "LEAF"], yes: 9).Import());
        StringAssert.Contains(outside.Message, "not there");
        InputException feature = Assert.ThrowsExactly<InputException>(() => Regressor(["BRANCH_LEQ", "LEAF", "LEAF"], feature: 1).Import());
        StringAssert.Contains(feature.Message, "feature 1 of 1");
    }

    [TestMethod]
    [DataRow("treecl.onnx", 3)]
    [DataRow("treecl2.onnx", 2)]
    [DataRow("treecl3.onnx", 4)]
    public void Models_of_scikit_learn_become_blobs_that_decide_alike(string file, int classes)
    {
        Graph graph = NetworkConverter.Prepare(ModelImporter.Load(SharedFiles.Path("models/sklearn-onnx/" + file)));
        ConversionResult result = NetworkConverter.Convert(graph, null, Quantization.QuantizationOptions.Default);
        var executor = new FloatExecutor(graph);
        Cli.Prediction.Predictor predict = new Cli.Prediction.BlobNetwork(Model.Load(result.Blob), file).CreatePredictor();
        var random = new Random(1);
        var actual = new float[classes];
        for (int i = 0; i < 500; i++)
        {
            float[] x = [.. Enumerable.Range(0, graph.Inputs[0].Shape[1]).Select(_ => (random.NextSingle() - 0.4f) * 6)];
            float[] expected = executor.Run(new Tensor(graph.Inputs[0].Shape, x))[0].Floats;
            predict(x, actual);
            Assert.AreEqual(Array.IndexOf(expected, expected.Max()), Array.IndexOf(actual, actual.Max()));
        }
    }

    private static TensorProto Floats(params float[] values) => new() { DataType = 1, Dims = { values.Length }, FloatData = { values } };

    /// <summary>One question, then 10 or 20.</summary>
    private static OnnxModelBuilder Regressor(string[] modes, int yes = 1, int feature = 0) => new OnnxModelBuilder().Input("x", [1, 1]).Output("y").Node(
        "ai.onnx.ml/TreeEnsembleRegressor", "x", "y",
        ("nodes_treeids", new[] { 0, 0, 0 }), ("nodes_nodeids", new[] { 0, 1, 2 }), ("nodes_featureids", new[] { feature, 0, 0 }), ("nodes_values", new[] { 0.5f, 0, 0 }),
        ("nodes_modes", modes), ("nodes_truenodeids", new[] { yes, 0, 0 }), ("nodes_falsenodeids", new[] { 2, 0, 0 }),
        ("target_treeids", new[] { 0, 0 }), ("target_nodeids", new[] { 1, 2 }), ("target_ids", new[] { 0, 0 }), ("target_weights", new[] { 10f, 20f }), ("n_targets", 1));

    /// <summary>One question "x at most 0.5", whose leaves give <paramref name="weights"/> to <paramref name="ids"/>.</summary>
    internal static OnnxModelBuilder Classifier(string transform, int[] ids, float[] weights, params string[] labels) => new OnnxModelBuilder().Input("x", [1, 1]).Output("label").Output("scores").Node(
        "ai.onnx.ml/TreeEnsembleClassifier", "x", "label scores",
        ("nodes_treeids", new[] { 0, 0, 0 }), ("nodes_nodeids", new[] { 0, 1, 2 }), ("nodes_featureids", new[] { 0, 0, 0 }), ("nodes_values", new[] { 0.5f, 0, 0 }),
        ("nodes_modes", new[] { "BRANCH_LEQ", "LEAF", "LEAF" }), ("nodes_truenodeids", new[] { 1, 0, 0 }), ("nodes_falsenodeids", new[] { 2, 0, 0 }),
        ("class_treeids", new[] { 0, 0 }), ("class_nodeids", new[] { 1, 2 }), ("class_ids", ids), ("class_weights", weights), ("classlabels_strings", labels), ("post_transform", transform));

    private static float[] Run(Graph graph, params float[] x) => new FloatExecutor(graph).Run(new Tensor(new Shape(1, x.Length), x))[0].Floats;
}
