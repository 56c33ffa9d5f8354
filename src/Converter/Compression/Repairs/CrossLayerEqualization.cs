using TinyInference.Converter.Passes;

namespace TinyInference.Converter.Compression.Repairs;

using TinyInference.Converter.Graphs;

/// <summary>
/// Gives the channels between two operators with weights equal ranges on both sides: the first one's channel divided by s and the
/// second one's multiplied by it computes the same, because Relu lets positive factors through (M. Nagel et al., arXiv 1906.04721,
/// equations 9 to 11: s = sqrt(r1 / r2)). One scale for a whole tensor loses less then.
/// </summary>
internal static class CrossLayerEqualization
{
    /// <summary>Sweeps over all pairs: each pair changes what its neighbours see.</summary>
    private const int Sweeps = 20;

    /// <param name="graph">After all passes; changed in place, but not the constants it shares with others. Relu6 between two operators
    /// becomes Relu, as in the paper: a bound of 6 would be another one for each channel.</param>
    /// <returns>How many pairs there are.</returns>
    public static int Apply(Graph graph)
    {
        (Node First, Node Second)[] pairs = [.. Pairs(graph)];
        var rewriter = new GraphRewriter(graph);
        foreach ((Node first, _) in pairs)
        {
            if (Weighted.Of(first)!.Clamp == Clamp.Relu6)
            {
                first.Operator = first.Operator switch
                {
                    Conv2D op => op with { Clamp = Clamp.Relu },
                    DepthwiseConv2D op => op with { Clamp = Clamp.Relu },
                    FullyConnected op => op with { Clamp = Clamp.Relu },
                    var op => op,
                };
            }
        }

        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            foreach ((Node first, Node second) in pairs)
            {
                Equalize(rewriter, Weighted.Of(first)!, Weighted.Of(second)!);
            }
        }

        GraphValidator.Validate(graph);
        return pairs.Length;
    }

    private static IEnumerable<(Node First, Node Second)> Pairs(Graph graph)
    {
        ILookup<Value, Node> consumers = graph.Consumers();
        foreach (Node first in graph.Nodes)
        {
            if (first.Operator is Conv2D or DepthwiseConv2D or FullyConnected && Weighted.Of(first) is { } a
                && (a.Clamp.IsNone || a.Clamp == Clamp.Relu || a.Clamp == Clamp.Relu6)
                && !graph.Outputs.Contains(first.Output) && first.Output.Quantization is null
                && consumers[first.Output].ToArray() is [{ Operator: Conv2D or DepthwiseConv2D or FullyConnected } second]
                && second.Inputs[0] == first.Output && Weighted.Of(second) is { } b && b.Inputs == a.Outputs)
            {
                yield return (first, second);
            }
        }
    }

    private static void Equalize(GraphRewriter rewriter, Weighted first, Weighted second)
    {
        var before = new float[first.Outputs];
        var after = new float[first.Outputs];
        for (int i = 0; i < first.Weights.Length; i++)
        {
            ref float r = ref before[first.OutputOf(i)];
            r = Math.Max(r, Math.Abs(first.Weights[i]));
        }

        for (int i = 0; i < second.Weights.Length; i++)
        {
            ref float r = ref after[second.InputOf(i)];
            r = Math.Max(r, Math.Abs(second.Weights[i]));
        }

        float[] factors = [.. before.Zip(after, (r1, r2) => Factor(r1, r2))];
        float[] weights = [.. first.Weights.Select((w, i) => w / factors[first.OutputOf(i)])];
        first.Store(rewriter, weights, first.Bias is null ? null : [.. first.Bias.Select((b, o) => b / factors[o])], Clamp.None);
        second.Store(rewriter, [.. second.Weights.Select((w, i) => w * factors[second.InputOf(i)])], second.Bias, Clamp.None);
    }

    /// <summary>1 where a side has no weights, or where the quotient is beyond what floats bear in a chain.</summary>
    private static float Factor(float first, float second)
    {
        float factor = MathF.Sqrt(first / second);
        return factor is > 1e-4f and < 1e4f ? factor : 1;
    }
}
