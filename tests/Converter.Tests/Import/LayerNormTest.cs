using TinyInference.Converter.Execution;
using TinyInference.Converter.Passes;

namespace TinyInference.Converter.Tests.Import;

using TinyInference.Converter.Graphs;

[TestClass]
public class LayerNormTest
{
    [TestMethod]
    public void Several_dimensions_are_normalized_together_and_a_bias_may_be_missing()
    {
        Graph graph = new OnnxModelBuilder().Input("x", [1, 2, 2]).Output("y").Floats("s", [2, 2], 1, 1, 2, 2).Node("LayerNormalization", "x s", "y", ("axis", -2), ("epsilon", 0f)).Import();
        PassPipeline.Run(graph);

        float[] y = new FloatExecutor(graph).Run(new Tensor(graph.Inputs[0].Shape, new float[] { 1, 3, 5, 7 }))[0].Floats;

        // Mean 4, deviation sqrt(5).
        float[] expected = [-1.3416408f, -0.4472136f, 0.8944272f, 2.6832816f];
        for (int i = 0; i < 4; i++)
        {
            Assert.AreEqual(expected[i], y[i], 1e-5f);
        }
    }

    [TestMethod]
    public void Parameters_of_another_size_are_refused()
    {
        var model = new OnnxModelBuilder().Input("x", [1, 4]).Output("y").Floats("s", [3], 1, 1, 2).Node("LayerNormalization", "x s", "y");
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => model.Import()).Message, "4 floats are needed");
    }
}
