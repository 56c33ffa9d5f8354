using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class MatMulToFullyConnectedTest
{
    [TestMethod]
    public void Constant_matrix_becomes_weights_and_the_sum_after_it_their_bias()
    {
        var b = new GraphBuilder();
        Value product = b.Node(new MatMul(), [2, 3, 5], b.Input(2, 3, 4), b.Constant(4, 5));
        Graph graph = b.Build(b.Binary(BinaryFunction.Add, product, b.Constant(5)));

        Assert.AreEqual(1, Equivalence.Check(new MatMulToFullyConnected(), graph));
        Assert.AreEqual(1, Equivalence.Check(new BatchNormFolding(), graph));
        Assert.AreEqual(new Shape(5, 4), graph.Nodes.Single().Input(1).Shape);
    }

    [TestMethod]
    public void A_matrix_for_each_batch_stays()
    {
        var b = new GraphBuilder();
        Graph graph = b.Build(b.Node(new MatMul(), [2, 3, 5], b.Input(2, 3, 4), b.Constant(2, 4, 5)));

        Assert.AreEqual(0, Equivalence.Check(new MatMulToFullyConnected(), graph));
    }
}
