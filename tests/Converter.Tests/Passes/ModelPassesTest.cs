using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

/// <summary>The pipeline on real networks: the same outputs, and none of what passes are there to remove.</summary>
[TestClass]
public class ModelPassesTest
{
    [TestMethod]
    [DataRow("kws_fp32.onnx", 12, DisplayName = "kws (ONNX)")]
    [DataRow("ic_fp32.onnx", 16, DisplayName = "ic (ONNX)")]
    [DataRow("ad_fp32.onnx", 10, DisplayName = "ad (ONNX)")]
    [DataRow("pretrainedResnet.tflite", 16, DisplayName = "ic (TensorFlow Lite)")]
    [DataRow("ad01_fp32.tflite", 10, DisplayName = "ad (TensorFlow Lite)")]
    public void Float_network_computes_the_same_with_fewer_nodes(string file, int mostNodes)
    {
        Graph graph = ModelImporter.Load(SharedFiles.Path("models/mlperf-tiny/" + file));

        Equivalence.Check(graph, g => PassPipeline.Run(g));

        string text = string.Join(", ", graph.Nodes.Select(n => n.Operator.Kind));
        Assert.IsFalse(graph.Nodes.Exists(n => n.Operator is Transpose or Pad or BatchNorm or Identity), text);
        Assert.IsLessThanOrEqualTo(mostNodes, graph.Nodes.Count, text);
    }

    [TestMethod]
    [DataRow("kws_ref_model.tflite")]
    [DataRow("pretrainedResnet_quant.tflite")]
    [DataRow("ad01_int8.tflite")]
    [DataRow("vww_96_int8.tflite")]
    [DataRow("str_ww_ref_model.tflite")]
    public void Quantized_network_keeps_its_integers(string file)
    {
        Graph graph = ModelImporter.Load(SharedFiles.Path("models/mlperf-tiny/" + file));

        // The same integers give the same reals, bit by bit.
        Equivalence.Check(graph, g => PassPipeline.Run(g), tolerance: 0);

        Assert.IsTrue(graph.Inputs.Concat(graph.Outputs).All(v => v.Type == ElementType.Int8));
    }
}
