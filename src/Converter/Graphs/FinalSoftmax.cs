namespace TinyInference.Converter.Graphs;

/// <summary>The softmax at the end of a classifier: it changes no order, so that who only asks for the likeliest class needs none.</summary>
internal static class FinalSoftmax
{
    /// <summary>Makes what each softmax at an output reads the output.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Remove(Graph graph)
    {
        Node[] last = [.. graph.Nodes.Where(n => n.Operator is Softmax { Log: false } && graph.Outputs.Contains(n.Output) && !graph.Nodes.Exists(m => m.Inputs.Contains(n.Output)))];
        foreach (Node softmax in last)
        {
            graph.Nodes.Remove(softmax);
            graph.ReplaceUses(softmax.Output, softmax.Input(0));
        }

        return last.Length > 0;
    }
}
