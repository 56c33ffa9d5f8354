using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class ConstantFoldingTest
{
    [TestMethod]
    public void Computes_what_does_not_depend_on_the_inputs()
    {
        var b = new GraphBuilder();
        Value x = b.Input(2, 3);
        Value factor = b.Unary(UnaryFunction.Exp, b.Binary(BinaryFunction.Add, b.Constant(3), b.Constant(3)));
        Graph graph = b.Build(b.Binary(BinaryFunction.Mul, x, factor));

        Assert.AreEqual(2, Equivalence.Check(new ConstantFolding(), graph));
        Assert.AreEqual("Mul", graph.Nodes.Single().Operator.Kind);
    }

    [TestMethod]
    public void Does_not_make_a_large_constant_of_a_small_one()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 200, 200, 1);
        Value large = b.Pad(b.Constant(1, 1, 1, 1), [0, 0, 0, 0], [0, 199, 199, 0]);
        Graph graph = b.Build(b.Binary(BinaryFunction.Add, x, large));

        Assert.AreEqual(0, Equivalence.Check(new ConstantFolding(), graph));
    }

    [TestMethod]
    public void Moves_quantized_constants_as_integers()
    {
        var b = new GraphBuilder();
        var parameters = new QuantizationParameters(0.5f, 3);
        Value constant = b.Constant(new Tensor(new Shape(2, 3), new sbyte[] { 1, 2, 3, 4, 5, 6 }), parameters);
        Value turned = b.Transpose(constant, 1, 0);
        turned.Type = ElementType.Int8;
        turned.Quantization = parameters;
        Graph graph = b.Build(b.Binary(BinaryFunction.Add, b.Input(3, 2), turned));

        Assert.AreEqual(1, Equivalence.Check(new ConstantFolding(), graph));
        CollectionAssert.AreEqual(new sbyte[] { 1, 4, 2, 5, 3, 6 }, graph.Nodes[0].Input(1).Constant!.Int8s);
    }

    [TestMethod]
    public void Leaves_outputs_of_the_graph_to_a_node()
    {
        var b = new GraphBuilder();
        b.Input(1);
        Graph graph = b.Build(b.Unary(UnaryFunction.Neg, b.Constant(4)));

        Assert.AreEqual(0, Equivalence.Check(new ConstantFolding(), graph));
    }
}
