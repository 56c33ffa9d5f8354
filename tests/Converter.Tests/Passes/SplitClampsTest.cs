using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;
using TinyInference.Converter.Training;
using Tensor = TinyInference.Converter.Graphs.Tensor;

namespace Converter.Tests.Passes;

[TestClass]
public class SplitClampsTest
{
    [TestMethod]
    public void A_fused_network_computes_the_same_and_can_be_trained()
    {
        Graph graph = NamedNetworks.Create("mobilenetv2:alpha=0.25", new Shape(32, 32, 3), 4, 1);
        PassPipeline.Run(graph);
        Assert.IsTrue(graph.Nodes.Exists(n => n.Operator is Conv2D { Clamp.IsNone: false }));
        float[] input = [.. Enumerable.Range(0, graph.Inputs[0].Shape.ElementCount).Select(i => (i % 17) / 17f)];
        float[] expected = new FloatExecutor(graph).Run([new Tensor(graph.Inputs[0].Shape, input)])[0].Floats;

        Assert.IsTrue(new SplitClamps().Apply(graph) > 0);

        GraphValidator.Validate(graph);
        Assert.IsFalse(graph.Nodes.Exists(n => n.Operator is Conv2D { Clamp.IsNone: false }));
        float[] actual = new FloatExecutor(graph).Run([new Tensor(graph.Inputs[0].Shape, input)])[0].Floats;
        CollectionAssert.AreEqual(expected, actual);
        _ = new TrainableNetwork(graph, 1, 1);
    }
}
