namespace TinyInference.Converter.Tests.Import;

using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import;
using TinyInference.Converter.Import.Onnx;

[TestClass]
public class OnnxImporterTest
{
    [TestMethod]
    [DataRow("kws_fp32.onnx", "1x1x49x10", "1x12", 4, 5)]
    [DataRow("ic_fp32.onnx", "1x3x32x32", "1x10", 0, 9)]
    [DataRow("ad_fp32.onnx", "1x640", "1x640", 0, 0)]
    public void Reference_models_import(string file, string input, string output, int depthwise, int convolutions)
    {
        Graph graph = ModelImporter.Load(SharedFiles.Path("models/mlperf-tiny/" + file));

        Assert.AreEqual(input, graph.Inputs.Single().Shape.ToString());
        Assert.AreEqual(output, graph.Outputs.Single().Shape.ToString());
        Assert.AreEqual(depthwise, graph.Nodes.Count(n => n.Operator is DepthwiseConv2D));
        Assert.AreEqual(convolutions, graph.Nodes.Count(n => n.Operator is Conv2D));
    }

    [TestMethod]
    public void Models_are_recognised_by_their_content()
    {
        byte[] file = File.ReadAllBytes(SharedFiles.Path("models/mlperf-tiny/kws_fp32.onnx"));
        Assert.IsTrue(OnnxImporter.Recognises(file));
        Assert.IsFalse(OnnxImporter.Recognises(File.ReadAllBytes(SharedFiles.Path("models/mlperf-tiny/kws_ref_model.tflite"))));
    }
}
