using System.IO.Compression;
using TinyInference.Converter.Data;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Execution;

/// <summary>Whole networks from files, in float, over the development data.</summary>
[TestClass]
public class RealModelsFloatTest
{
    public required TestContext TestContext { get; set; }

    [TestMethod]
    [DataRow("kws_ref_model.tflite", 2_656_768)]
    [DataRow("kws_fp32.onnx", 2_656_768)]
    [DataRow("ic_fp32.onnx", 12_501_632)]
    [DataRow("pretrainedResnet_quant.tflite", 12_501_632)]
    [DataRow("vww_96_int8.tflite", 7_489_664)]
    [DataRow("ad01_int8.tflite", 264_192)]
    [DataRow("ad_fp32.onnx", 264_192)]
    [DataRow("str_ww_ref_model.tflite", 826_368)]
    public void Multiply_accumulates_are_those_of_the_literature(string model, int macs)
    {
        Graph graph = Load(model);
        TestContext.WriteLine($"{model}: {Cost.Parameters(graph)} parameters");
        Assert.AreEqual(macs, Cost.Macs(graph));
    }

    [TestMethod]
    [DataRow("ic_fp32.onnx", 444)]
    [DataRow("pretrainedResnet.tflite", 444)]
    [DataRow("pretrainedResnet_quant.tflite", 442)]
    public void Images_are_classified(string model, int expected)
    {
        Dataset data = DatasetLoader.Load(SharedFiles.Path("data/cifar10/test-500.bin.gz"), DatasetOptions.Default);
        float[][] samples = [.. Enumerable.Range(0, data.Count).Select(i =>
        {
            var sample = new float[32 * 32 * 3];
            data.Read(i, sample);
            return sample;
        })];
        AssertCorrect(model, samples, data.Labels!, expected);
    }

    [TestMethod]
    [DataRow("kws_fp32.onnx", 451)]
    [DataRow("kws_ref_model.tflite", 451)]
    public void Keywords_are_recognised(string model, int expected)
    {
        using ZipArchive zip = ZipFile.OpenRead(SharedFiles.Path("data/kws01-mfcc/kws01-mfcc-500.zip"));
        ZipArchiveEntry[] clips = [.. zip.Entries.Where(e => e.Name.EndsWith(".bin", StringComparison.Ordinal))];
        int[] labels = [.. clips.Select(c => int.Parse(Path.GetFileNameWithoutExtension(c.Name).Split('_')[^1]))];
        AssertCorrect(model, [.. clips.Select(ReadFeatures)], labels, expected);
    }

    /// <summary>The reals of 490 int8 features: shared/README.md gives their scale and zero point.</summary>
    private static float[] ReadFeatures(ZipArchiveEntry entry)
    {
        var bytes = new byte[490];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return Array.ConvertAll(bytes, b => ((sbyte)b - 83) * 0.5847029089927673f);
    }

    /// <summary>At least <paramref name="expected"/> are right: one fewer than was measured, since the last bits depend on the machine.</summary>
    private void AssertCorrect(string model, float[][] samples, int[] labels, int expected)
    {
        Graph graph = Load(model);
        var executor = new FloatExecutor(graph);
        int correct = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            float[] scores = executor.Run(new Tensor(graph.Inputs[0].Shape, samples[i]))[0].Floats;
            correct += Array.IndexOf(scores, scores.Max()) == labels[i] ? 1 : 0;
        }

        TestContext.WriteLine($"{model}: {correct} of {samples.Length}");
        Assert.IsGreaterThanOrEqualTo(expected, correct);
    }

    private static Graph Load(string model)
    {
        Graph graph = ModelImporter.Load(SharedFiles.Path("models/mlperf-tiny/" + model));
        PassPipeline.Run(graph);
        return graph;
    }
}
