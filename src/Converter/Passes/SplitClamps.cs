namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>Makes the activations that are fused into operators operators of their own again, as training and ONNX want them. Not one of the pipeline's.</summary>
internal sealed class SplitClamps : IGraphPass
{
    public string Name => nameof(SplitClamps);

    public string Description => "fused activations become operators of their own";

    public int Apply(Graph graph)
    {
        int changes = 0;
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            (Operator plain, Clamp clamp) = Split(node.Operator);
            if (clamp.IsNone)
            {
                continue;
            }

            Value output = node.Output;
            var linear = new Value(graph.UniqueName(output.Name + "/linear"), output.Type, output.Shape);
            node.Operator = plain;
            node.Outputs[0] = linear;
            graph.Nodes.Insert(++i, new Node(node.Name + "/activation", Activation(clamp), [linear], [output]));
            changes++;
        }

        return changes;
    }

    private static (Operator Plain, Clamp Clamp) Split(Operator op) => op switch
    {
        Conv2D conv => (conv with { Clamp = Clamp.None }, conv.Clamp),
        DepthwiseConv2D conv => (conv with { Clamp = Clamp.None }, conv.Clamp),
        TransposeConv2D conv => (conv with { Clamp = Clamp.None }, conv.Clamp),
        FullyConnected dense => (dense with { Clamp = Clamp.None }, dense.Clamp),
        Binary binary => (binary with { Clamp = Clamp.None }, binary.Clamp),
        Pool2D pool => (pool with { Clamp = Clamp.None }, pool.Clamp),
        LayerNorm norm => (norm with { Clamp = Clamp.None }, norm.Clamp),
        _ => (op, Clamp.None),
    };

    private static Unary Activation(Clamp clamp) => clamp switch
    {
        _ when clamp == Clamp.Relu => new Unary(UnaryFunction.Relu),
        _ when clamp == Clamp.Relu6 => new Unary(UnaryFunction.Relu6),
        _ => new Unary(UnaryFunction.Clip, clamp.Min, clamp.Max),
    };
}
