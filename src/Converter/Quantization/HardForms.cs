namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>Sigmoid and Tanh replaced by straight lines: M. Courbariaux et al., "BinaryConnect", 2015 (hard sigmoid), and its like for tanh.</summary>
internal static class HardForms
{
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes)
        {
            if (node.Operator is Unary { Function: UnaryFunction.Sigmoid })
            {
                node.Operator = new Unary(UnaryFunction.HardSigmoid, 0.2f, 0.5f);
            }
            else if (node.Operator is Unary { Function: UnaryFunction.Tanh })
            {
                node.Operator = new Unary(UnaryFunction.Clip, -1, 1);
                node.Output.Quantization ??= FixedOutputs.Tanh;
            }
        }
    }
}
