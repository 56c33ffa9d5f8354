using TinyInference.Converter;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import;

namespace Converter.Tests.Import.TfLite;

/// <summary>Networks that others have trained and converted.</summary>
[TestClass]
public class RealModelsTest
{
    [TestMethod]
    [DataRow("mlperf-tiny/kws_ref_model.tflite", "1x49x10x1", "1x12", 13, 2_656_768L)]
    [DataRow("mlperf-tiny/pretrainedResnet_quant.tflite", "1x32x32x3", "1x10", 16, 12_501_632L)]
    [DataRow("mlperf-tiny/pretrainedResnet.tflite", "1x32x32x3", "1x10", 16, 12_501_632L)]
    [DataRow("mlperf-tiny/ad01_int8.tflite", "1x640", "1x640", 10, 264_192L)]
    [DataRow("mlperf-tiny/ad01_fp32.tflite", "1x640", "1x640", 10, 264_192L)]
    [DataRow("mlperf-tiny/vww_96_int8.tflite", "1x96x96x3", "1x2", 31, 7_489_664L)]
    [DataRow("mlperf-tiny/str_ww_ref_model.tflite", "1x30x1x40", "1x3", 11, 826_368L)]
    [DataRow("tflite-micro/hello_world_float.tflite", "1x1", "1x1", 3, 288L)]
    [DataRow("tflite-micro/hello_world_int8.tflite", "1x1", "1x1", 3, 288L)]
    public void Networks_come_in_whole(string file, string input, string output, int nodes, long macs)
    {
        Graph graph = ModelImporter.Load(SharedFiles.Path("models/" + file));

        Assert.AreEqual(input, graph.Inputs.Single().Shape.ToString());
        Assert.AreEqual(output, graph.Outputs.Single().Shape.ToString());
        Assert.HasCount(nodes, graph.Nodes);
        Assert.AreEqual(macs, Cost.Macs(graph));
        GraphValidator.Validate(graph);
        Assert.IsTrue(graph.Values().All(static v => v.Type != ElementType.Int8 || v.Quantization is not null));
    }

    [TestMethod]
    public void Scales_and_weights_stay_as_in_the_file()
    {
        Graph graph = ModelImporter.Load(SharedFiles.Path("models/mlperf-tiny/kws_ref_model.tflite"));
        Assert.AreEqual("kws_ref_model", graph.Name);
        Assert.AreEqual(new QuantizationParameters(0.58470290899276733f, 83), graph.Inputs[0].Quantization);
        Assert.AreEqual(new QuantizationParameters(1f / 256, -128), graph.Outputs[0].Quantization);

        Node conv = graph.Nodes[0];
        Assert.AreEqual(new Conv2D(new Window(10, 4, 2, 2, 1, 1, 4, 5, 1, 1), 1, Clamp.Relu), conv.Operator);
        Assert.AreEqual("64x10x4x1", conv.Input(1).Shape.ToString());
        Assert.HasCount(64, conv.Input(1).Quantization!.Scales);
        Assert.AreEqual(0, conv.Input(1).Quantization!.Axis);
        Assert.AreEqual(ElementType.Int32, conv.Input(2).Type);
        Assert.AreEqual(3, graph.Nodes[1].Input(1).Quantization!.Axis);
    }

    [TestMethod]
    [DataRow("keyword_scrambled_8bit.tflite", "SVDF (operator 11, output tensor 47)", 10)]
    public void Operators_that_are_not_supported_are_named_all_at_once(string file, string part, int count)
    {
        string path = SharedFiles.Path("models/tflite-micro/" + file);
        var e = Assert.ThrowsExactly<InputException>(() => ModelImporter.Load(path));
        StringAssert.Contains(e.Message, part);
        Assert.HasCount(count + 1, e.Message.Split('\n'), e.Message);
    }
}
