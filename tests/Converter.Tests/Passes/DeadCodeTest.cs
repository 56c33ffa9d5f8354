using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class DeadCodeTest
{
    [TestMethod]
    public void Removes_what_nobody_reads()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 4);
        b.Unary(UnaryFunction.Exp, b.Unary(UnaryFunction.Abs, x));
        Graph graph = b.Build(b.Unary(UnaryFunction.Neg, x));

        Assert.AreEqual(2, Equivalence.Check(new DeadCode(), graph));
        Assert.AreEqual("Neg", graph.Nodes.Single().Operator.Kind);
    }
}
