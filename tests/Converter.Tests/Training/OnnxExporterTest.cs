using TinyInference.Converter;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Export.Onnx;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx;
using TinyInference.Converter.Passes;
using TinyInference.Converter.Training;
using Tensor = TinyInference.Converter.Graphs.Tensor;

namespace Converter.Tests.Training;

/// <summary>What is written as ONNX computes the same after it is read again.</summary>
[TestClass]
public class OnnxExporterTest
{
    [TestMethod]
    [DataRow("lenet5", 12, 12, 1)]
    [DataRow("lenet300", 6, 5, 1)]
    [DataRow("dscnn:width=8,blocks=2", 12, 10, 2)]
    [DataRow("resnet8:width=4", 8, 8, 3)]
    [DataRow("mobilenetv1:alpha=0.25", 32, 32, 3)]
    [DataRow("mobilenetv2:alpha=0.25", 32, 32, 3)]
    public void Read_again_it_gives_the_same(string name, int height, int width, int channels)
    {
        Graph graph = NamedNetworks.Create(name, name == "lenet5" ? new Shape(28, 28, 1) : new Shape(height, width, channels), 4, 3);
        using var file = new MemoryStream();
        OnnxExporter.Write(graph, file);
        Graph again = OnnxImporter.Import(file.ToArray(), "again.onnx", null);
        PassPipeline.Run(again);
        if (name != "lenet300")
        {
            Assert.AreEqual(graph.Inputs[0].Shape, again.Inputs[0].Shape);
        }

        var random = new Random(1);
        float[] input = [.. Enumerable.Range(0, graph.Inputs[0].Shape.ElementCount).Select(_ => (float)random.NextDouble())];
        float[] expected = new FloatExecutor(graph).Run([new Tensor(graph.Inputs[0].Shape, input)])[0].Floats;
        float[] actual = new FloatExecutor(again).Run([new Tensor(again.Inputs[0].Shape, input)])[0].Floats;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-4f, $"output {i}");
        }
    }

    [TestMethod]
    public void A_quantized_graph_is_refused()
    {
        Graph graph = NamedNetworks.Create("linear", new Shape(4), 2, 1);
        graph.Outputs[0].Quantization = new QuantizationParameters(0.1f, 0);
        InputException error = Assert.ThrowsExactly<InputException>(() => OnnxExporter.Export(graph));
        StringAssert.Contains(error.Message, "quantized");
    }
}
