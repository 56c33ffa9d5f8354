using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class CommonSubexpressionsTest
{
    [TestMethod]
    public void Computes_equal_nodes_once_through_a_chain()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 4, 5, 3);
        Value Branch() => b.Binary(BinaryFunction.Add, b.Node(new Reduce(ReduceFunction.Mean, [1, 2], true), [1, 1, 1, 3], x), b.Scalar(2));
        Graph graph = b.Build(b.Binary(BinaryFunction.Mul, Branch(), Branch()));

        Assert.AreEqual(3, Equivalence.Check(new CommonSubexpressions(), graph));
        Assert.HasCount(3, graph.Nodes);
    }

    [TestMethod]
    public void Keeps_what_differs_in_an_attribute()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 3, 3);
        Graph graph = b.Build(b.Binary(BinaryFunction.Mul, b.Transpose(x, 0, 2, 1), b.Transpose(x, 0, 1, 2)));

        Assert.AreEqual(0, Equivalence.Check(new CommonSubexpressions(), graph));
    }

    [TestMethod]
    public void Keeps_two_outputs_of_the_graph_apart()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 3);
        Graph graph = b.Build(b.Unary(UnaryFunction.Abs, x), b.Unary(UnaryFunction.Abs, x));

        Assert.AreEqual(0, Equivalence.Check(new CommonSubexpressions(), graph));
    }
}
