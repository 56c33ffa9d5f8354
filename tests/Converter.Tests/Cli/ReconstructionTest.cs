using System.Text.Json;
using Converter.Tests.Data;
using TinyInference.Converter.Export.Onnx;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace Converter.Tests.Cli;

/// <summary>Networks that give their input again are judged by how well they do that.</summary>
[TestClass]
public class ReconstructionTest
{
    [TestMethod]
    public void Error_without_labels_and_area_under_the_curve_with_them()
    {
        using var files = new TemporaryFiles();
        using var onnx = new MemoryStream();
        OnnxExporter.Write(NamedNetworks.Create("autoencoder:16-8-4", new Shape(16), 16, 3), onnx);
        string model = files.Write("ae.onnx", onnx.ToArray());
        var random = new Random(4);
        // Samples of label 1 are larger, so that a network which knows nothing errs more on them.
        float[] values = [.. Enumerable.Range(0, 10 * 16).Select(i => (float)random.NextDouble() * (i < 5 * 16 ? 1 : 10))];
        string data = files.Write("data.npy", TemporaryFiles.Npy("<f4", "10, 16", TemporaryFiles.Floats(values)));
        string labels = files.Write("labels.csv", "0\n0\n0\n0\n0\n1\n1\n1\n1\n1\n");

        JsonElement error = Evaluate(model, "--data", data);
        JsonElement auc = Evaluate(model, "--data", data, "--labels", labels);

        Assert.AreEqual("meanSquaredError", error.GetProperty("metric").GetString());
        Assert.AreEqual("auc", auc.GetProperty("metric").GetString());
        Assert.AreEqual(1, auc.GetProperty("value").GetDouble());
        Assert.AreEqual(error.GetProperty("value").GetDouble(), auc.GetProperty("meanSquaredError").GetDouble());
        Assert.AreEqual(10, auc.GetProperty("samples").GetInt32());
    }

    private static JsonElement Evaluate(string model, params string[] options)
    {
        ToolRun run = ToolRun.Of(["evaluate", model, .. options, "--json"]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        return json.RootElement.Clone();
    }
}
