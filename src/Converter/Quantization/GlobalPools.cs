namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>
/// An average pool writes in the scale of its input, a mean has a scale of its own: the averages of a whole image spread over much less
/// than its elements, and would use a small part of the 256 numbers.
/// </summary>
internal static class GlobalPools
{
    /// <summary>Turns each average pool over the whole input into Mean, where its output has no parameters yet.</summary>
    public static void ToMean(Graph graph)
    {
        foreach (Node node in graph.Nodes)
        {
            if (node.Operator is Pool2D { Function: PoolFunction.Average, Clamp.IsNone: true, Window.HasPadding: false } pool
                && node.Output.Quantization is null
                && node.Output.Type == ElementType.Float32
                && pool.Window.KernelH == node.Input(0).Shape[1] && pool.Window.KernelW == node.Input(0).Shape[2])
            {
                node.Operator = new Reduce(ReduceFunction.Mean, [1, 2], KeepDimensions: true);
            }
        }
    }
}
