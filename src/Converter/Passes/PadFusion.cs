namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>Makes a Pad of height and width part of the convolutions and pools that read it.</summary>
internal sealed class PadFusion : LocalPass
{
    public override string Description => "makes padding part of the window of the convolution or pool that follows";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (node.Operator is not Pad { Mode: PadMode.Constant } pad || !OnlySpatial(pad) || rewriter.IsOutput(node.Output)
            || node.Input(0).IsConstant || node.Input(0).Type != node.Output.Type || !Equals(node.Input(0).Quantization, node.Output.Quantization))
        {
            return false;
        }

        Node[] consumers = [.. rewriter.Consumers(node.Output)];
        var fused = new Operator?[consumers.Length];
        for (int i = 0; i < consumers.Length; i++)
        {
            fused[i] = Fused(rewriter, consumers[i], node, pad);
        }

        // As long as one reader needs the padded copy, nothing is won for the others.
        if (consumers.Length == 0 || fused.Contains(null))
        {
            return false;
        }

        for (int i = 0; i < consumers.Length; i++)
        {
            consumers[i].Operator = fused[i]!;
            rewriter.SetInput(consumers[i], 0, node.Input(0));
        }

        return true;
    }

    private static bool OnlySpatial(Pad pad) => pad.Before.Length == 4 && pad.Before[0] == 0 && pad.Before[3] == 0
        && pad.After[0] == 0 && pad.After[3] == 0 && pad.Before.Concat(pad.After).All(n => n >= 0);

    /// <summary><paramref name="consumer"/>'s operator with the padding in its window; null if that would not be the same.</summary>
    private static Operator? Fused(GraphRewriter rewriter, Node consumer, Node padNode, Pad pad)
    {
        // Only as x: padded weights, or a padded operand read twice, are another thing.
        if (consumer.Inputs[0] != padNode.Output || consumer.Inputs.Count(v => v == padNode.Output) != 1)
        {
            return null;
        }

        return consumer.Operator switch
        {
            Conv2D conv when pad.Value == 0 => conv with { Window = Padded(conv.Window, pad) },
            DepthwiseConv2D conv when pad.Value == 0 => conv with { Window = Padded(conv.Window, pad) },
            Pool2D { Function: PoolFunction.Max } pool when IsNeutral(rewriter, pool, padNode, pad) => pool with { Window = Padded(pool.Window, pad) },
            Pool2D { Function: PoolFunction.Average } pool when pad.Value == 0 && (pool.CountPadding || !pool.Window.HasPadding)
                && WholeWindows(pool.Window, padNode.Output.Shape) => pool with { Window = Padded(pool.Window, pad), CountPadding = true },
            _ => null,
        };
    }

    private static Window Padded(Window window, Pad pad) => window with
    {
        PadTop = window.PadTop + pad.Before[1],
        PadBottom = window.PadBottom + pad.After[1],
        PadLeft = window.PadLeft + pad.Before[2],
        PadRight = window.PadRight + pad.After[2],
    };

    /// <summary>Windows never pass the padded edge, so that every divisor is the size of the kernel.</summary>
    private static bool WholeWindows(Window window, Shape padded) => window.KernelH <= padded[1] + window.PadTop + window.PadBottom
        && window.KernelW <= padded[2] + window.PadLeft + window.PadRight;

    /// <summary>
    /// A pool's own padding counts as less than everything. The padded value does the same where nothing is below it,
    /// provided that each window sees an element of the input.
    /// </summary>
    private static bool IsNeutral(GraphRewriter rewriter, Pool2D pool, Node padNode, Pad pad)
    {
        Window own = pool.Window;
        Window window = Padded(own, pad);
        int reachH = (window.KernelH - 1) * window.DilationH;
        int reachW = (window.KernelW - 1) * window.DilationW;
        bool seesInput = window.DilationH == 1 && window.DilationW == 1
            && Math.Max(window.PadTop, window.PadBottom) <= reachH && Math.Max(window.PadLeft, window.PadRight) <= reachW;
        return seesInput && pad.Value <= ValueRange.LowerBound(rewriter, padNode.Input(0));
    }
}
