using TinyInference.Converter;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

[TestClass]
public class PassPipelineTest
{
    [TestMethod]
    public void Random_graphs_compute_the_same_after_each_pass() => RandomCases.ForAll(random =>
    {
        Graph graph = RandomGraph.Make(random.Next());
        Graph whole = graph.Clone();
        foreach (IGraphPass pass in PassPipeline.Rounds.Concat(PassPipeline.Last))
        {
            try
            {
                Equivalence.Check(pass, graph);
            }
            catch (Exception e) when (e is AssertFailedException or InputException or InvalidOperationException or KeyNotFoundException)
            {
                Assert.Fail($"{pass.Name}: {e.Message}\n{string.Join('\n', whole.Nodes.Select(n => $"{n.Output} = {n.Operator}({string.Join(", ", n.Inputs)})"))}");
            }
        }

        Equivalence.Check(whole, g => PassPipeline.Run(g));
    }, 300);

    [TestMethod]
    public void Comes_to_an_end_and_finds_nothing_more() => RandomCases.ForAll(random =>
    {
        Graph graph = RandomGraph.Make(random.Next());
        IReadOnlyList<PassResult> log = PassPipeline.Run(graph);
        Assert.IsLessThan(10, log.Count == 0 ? 0 : log[^1].Round);
        Assert.IsEmpty(PassPipeline.Run(graph));
    });

    [TestMethod]
    public void A_channels_first_network_has_no_transpose_left()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 3, 12, 12);
        Value a = b.Unary(UnaryFunction.Relu, b.ConvChannelsFirst(x, 8, new Window(3, 3, PadTop: 1, PadBottom: 1, PadLeft: 1, PadRight: 1)));
        Value padded = b.Pad(a, [0, 0, 0, 0], [0, 0, 1, 1]);
        Value left = b.ConvChannelsFirst(padded, 16, new Window(3, 3, 2, 2));
        Value right = b.ConvChannelsFirst(a, 16, new Window(1, 1, 2, 2));
        Value sum = b.Unary(UnaryFunction.Relu, b.Binary(BinaryFunction.Add, left, right));
        Value y = b.Dense(b.Reshape(sum, 1, 16 * 36), 10);
        Graph graph = b.Build(y);

        Equivalence.Check(graph, g => PassPipeline.Run(g));

        CollectionAssert.AreEqual(new[] { "Conv2D", "Conv2D", "Conv2D", "Add", "Reshape", "FullyConnected" }, graph.Nodes.Select(n => n.Operator.Kind).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 2, 3, 1 }, LayoutMetadata.Of(graph, graph.Inputs[0]));
    }

    [TestMethod]
    public void Rejects_a_graph_that_is_not_sound()
    {
        var b = new GraphBuilder();
        Value x = b.Input(1, 4);
        Graph graph = b.Build(b.Node(new Reshape(), [1, 5], x));
        InputException e = Assert.ThrowsExactly<InputException>(() => PassPipeline.Run(graph));
        StringAssert.Contains(e.Message, "1x5");
    }
}
