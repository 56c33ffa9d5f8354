using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Makes scaling and moving of a tree ensemble's inputs part of its thresholds. The new threshold is the last float that the old one was met with, found by
/// halving, so that every decision stays as it was, rounding of the arithmetic included.
/// </summary>
internal sealed class TreeInputFolding : LocalPass
{
    public override string Description => "makes constant scales and offsets of inputs part of the thresholds of trees";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (node.Operator is not TreeEnsemble ensemble || rewriter.PrivateProducer(node.Inputs[0]) is not { } producer)
        {
            return false;
        }

        if (producer.Operator is not Binary { Clamp.IsNone: true, Function: BinaryFunction.Add or BinaryFunction.Sub or BinaryFunction.Mul or BinaryFunction.Div } binary
            || producer.Input(0) is not { IsConstant: false, Type: ElementType.Float32, Quantization: null } x || !x.Shape.Equals(producer.Output.Shape)
            || producer.Input(1) is not { Constant: { Type: ElementType.Float32 } constant, Quantization: null } operand
            || (operand.Shape.ElementCount != 1 && (operand.Shape.ElementCount != ensemble.Features || operand.Shape[-1] != ensemble.Features)))
        {
            return false;
        }

        float[] c = constant.Floats;
        bool keepsOrder = binary.Function is BinaryFunction.Add or BinaryFunction.Sub || Array.TrueForAll(c, f => f > 0);
        if (!keepsOrder || !Array.TrueForAll(c, float.IsFinite))
        {
            return false;
        }

        DecisionTree Fold(DecisionTree tree) => tree.WithQuestions(q => q with { Threshold = Last(binary.Function, c[c.Length == 1 ? 0 : q.Feature], q.Threshold) });
        rewriter.Replace(node, new Node(node.Name, ensemble with { Trees = Array.ConvertAll(ensemble.Trees, Fold) }, [x], node.Outputs));
        return true;
    }

    /// <summary>The greatest float x for which function(x, c) is at most <paramref name="threshold"/>; -infinity where there is none.</summary>
    private static float Last(BinaryFunction function, float c, float threshold)
    {
        float Apply(float x) => function switch
        {
            BinaryFunction.Add => x + c,
            BinaryFunction.Sub => x - c,
            BinaryFunction.Mul => x * c,
            _ => x / c,
        };
        long low = FloatOrder.Key(float.NegativeInfinity);
        long high = FloatOrder.Key(float.MaxValue);
        while (low < high)
        {
            long middle = low + ((high - low + 1) / 2);
            if (Apply(FloatOrder.FromKey((int)middle)) <= threshold)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return FloatOrder.FromKey((int)low);
    }
}
