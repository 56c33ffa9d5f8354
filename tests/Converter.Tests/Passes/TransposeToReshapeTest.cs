using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class TransposeToReshapeTest
{
    [TestMethod]
    public void Only_where_no_element_moves()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 4, 1, 3);
        Graph graph = b.Build(b.Transpose(x, 1, 0, 3, 2), b.Transpose(x, 0, 3, 2, 1));

        Assert.AreEqual(1, Equivalence.Check(new TransposeToReshape(), graph));
        Assert.AreEqual("Reshape", graph.Nodes[0].Operator.Kind);
        Assert.AreEqual("Transpose", graph.Nodes[1].Operator.Kind);
    }
}
