using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class IdentityRemovalTest
{
    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> s_identities = new()
    {
        ["Identity"] = (b, x) => b.Node(new Identity(), x.Shape, x),
        ["Cast"] = (b, x) => b.Node(new Cast(), x.Shape, x),
        ["Reshape"] = (b, x) => b.Reshape(x, [.. x.Shape]),
        ["Transpose"] = (b, x) => b.Transpose(x, 0, 1, 2, 3),
        ["Pad"] = (b, x) => b.Pad(x, [0, 0, 0, 0], [0, 0, 0, 0]),
        ["Slice"] = (b, x) => b.Node(new Slice([0, 0, 0, 0], [1, 1, 1, 1]), x.Shape, x),
        ["Concat"] = (b, x) => b.Node(new Concat(2), x.Shape, x),
        ["x + 0"] = (b, x) => b.Binary(BinaryFunction.Add, x, b.Scalar(0)),
        ["0 + x"] = (b, x) => b.Binary(BinaryFunction.Add, b.Scalar(0), x),
        ["x - 0"] = (b, x) => b.Binary(BinaryFunction.Sub, x, b.Scalar(0)),
        ["x * 1"] = (b, x) => b.Binary(BinaryFunction.Mul, x, b.Scalar(1)),
        ["x / 1"] = (b, x) => b.Binary(BinaryFunction.Div, x, b.Scalar(1)),
        ["Pool 1x1"] = (b, x) => b.Pool(PoolFunction.Max, x, new Window(1, 1)),
    };

    public static IEnumerable<object[]> Names => s_identities.Keys.Select(k => new object[] { k });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Removes(string name)
    {
        var b = new GraphBuilder();
        Value x = b.Unary(UnaryFunction.Tanh, b.Input(1, 2, 3, 4));
        Graph graph = b.Build(b.Unary(UnaryFunction.Abs, s_identities[name](b, x)));

        Assert.AreEqual(1, Equivalence.Check(new IdentityRemoval(), graph));
        Assert.HasCount(2, graph.Nodes);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Removes_at_an_output_and_keeps_its_name(string name)
    {
        var b = new GraphBuilder();
        Value y = s_identities[name](b, b.Unary(UnaryFunction.Tanh, b.Input(1, 2, 3, 4)));
        Graph graph = b.Build(y);

        Assert.AreEqual(1, Equivalence.Check(new IdentityRemoval(), graph));
        Assert.AreEqual(y.Name, graph.Outputs[0].Name);
    }

    [TestMethod]
    public void Keeps_an_input_and_an_output_apart()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 4);
        Graph graph = b.Build(b.Node(new Identity(), x.Shape, x));

        Assert.AreEqual(0, Equivalence.Check(new IdentityRemoval(), graph));
    }

    [TestMethod]
    public void Keeps_what_broadcasts()
    {
        var b = new GraphBuilder();
        Value zeros = b.Constant(new Tensor(new Shape(3, 1), new float[3]));
        Graph graph = b.Build(b.Unary(UnaryFunction.Abs, b.Binary(BinaryFunction.Add, b.Input(1, 4), zeros)));

        Assert.AreEqual(0, Equivalence.Check(new IdentityRemoval(), graph));
    }

    [TestMethod]
    public void Makes_one_of_a_chain_of_reshapes()
    {
        var b = new GraphBuilder();
        Value x = b.Unary(UnaryFunction.Tanh, b.Input(2, 3, 4));
        Graph graph = b.Build(b.Reshape(b.Reshape(b.Reshape(x, 6, 4), 24), 4, 6));

        Equivalence.Check(new IdentityRemoval(), graph);
        Assert.HasCount(2, graph.Nodes);
    }
}
