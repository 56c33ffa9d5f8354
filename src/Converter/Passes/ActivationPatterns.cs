namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Recognises activations that exporters spell out:
/// HardSigmoid(x) = clip(x + 3, 0, 6) / 6, HardSwish(x) = x * HardSigmoid(x), Gelu(x) = x * (1 + erf(x / sqrt(2))) / 2,
/// with the scalar factors anywhere in the product. As one operator each costs one table lookup instead of several passes.
/// </summary>
internal sealed class ActivationPatterns : LocalPass
{
    private const float Sixth = 1f / 6;
    private const float InverseSqrt2 = 0.70710678f;

    public override string Description => "recognises HardSwish, HardSigmoid and Gelu that are spelled out in single steps";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (node.Operator is not Binary { Function: BinaryFunction.Mul or BinaryFunction.Div, Clamp.IsNone: true })
        {
            return false;
        }

        var factors = new List<Value>();
        float scale = 1;
        if (!CollectProduct(rewriter, node, factors, ref scale, 4))
        {
            return false;
        }

        Unary? found = factors.Count switch
        {
            1 when Constants.IsAbout(scale, Sixth) && ShiftedClip(rewriter, factors[0]) is { } x => Found(factors, x, UnaryFunction.HardSigmoid),
            2 => Product(rewriter, factors, scale, 0) ?? Product(rewriter, factors, scale, 1),
            _ => null,
        };
        Value source = factors[^1];
        if (found is null || !source.Shape.Equals(node.Output.Shape))
        {
            return false;
        }

        rewriter.Replace(node, new Node(node.Name, found, [source], [node.Output]));
        return true;
    }

    /// <summary>Leaves <paramref name="x"/> as the last of <paramref name="factors"/>, where the caller looks for it.</summary>
    private static Unary Found(List<Value> factors, Value x, UnaryFunction function)
    {
        factors.Add(x);
        return function == UnaryFunction.HardSigmoid ? new Unary(function, Sixth, 0.5f) : new Unary(function);
    }

    /// <summary>x * gate, where factor <paramref name="i"/> is x.</summary>
    private static Unary? Product(GraphRewriter rewriter, List<Value> factors, float scale, int i)
    {
        Value x = factors[i];
        Value gate = factors[1 - i];
        if (Constants.IsAbout(scale, Sixth) && ShiftedClip(rewriter, gate) == x)
        {
            return Found(factors, x, UnaryFunction.HardSwish);
        }

        if (Constants.IsAbout(scale, 1) && Inner(rewriter, gate) is { Operator: Unary { Function: UnaryFunction.HardSigmoid } hard } sigmoid && sigmoid.Input(0) == x
            && Constants.IsAbout(hard.Alpha, Sixth) && Constants.IsAbout(hard.Beta, 0.5f))
        {
            return Found(factors, x, UnaryFunction.HardSwish);
        }

        return Constants.IsAbout(scale, 0.5f) && OnePlusErf(rewriter, gate) == x ? Found(factors, x, UnaryFunction.Gelu) : null;
    }

    /// <summary>
    /// Splits a product into its operands and one scalar: a * (b * 2) / 4 has the factors a, b and the scale 0.5.
    /// </summary>
    private static bool CollectProduct(GraphRewriter rewriter, Node node, List<Value> factors, ref float scale, int depth)
    {
        bool divides = ((Binary)node.Operator).Function == BinaryFunction.Div;
        for (int i = 0; i < 2; i++)
        {
            Value operand = node.Input(i);
            bool isDivisor = divides && i == 1;
            if (Constants.TryScalar(operand, out float scalar))
            {
                scale = isDivisor ? scale / scalar : scale * scalar;
            }
            else if (isDivisor || factors.Count > 2)
            {
                return false;
            }
            else if (depth > 0 && Inner(rewriter, operand) is { Operator: Binary { Function: BinaryFunction.Mul or BinaryFunction.Div, Clamp.IsNone: true } } inner)
            {
                if (!CollectProduct(rewriter, inner, factors, ref scale, depth - 1))
                {
                    return false;
                }
            }
            else
            {
                factors.Add(operand);
            }
        }

        return float.IsFinite(scale);
    }

    /// <summary>The node that makes <paramref name="value"/>, if its reals are not rounded to a quantization of their own.</summary>
    private static Node? Inner(GraphRewriter rewriter, Value? value) =>
        value is { Type: ElementType.Float32, Quantization: null } ? rewriter.Producer(value) : null;

    /// <summary>x, if <paramref name="value"/> is clip(x + 3, 0, 6).</summary>
    private static Value? ShiftedClip(GraphRewriter rewriter, Value value)
    {
        Node? node = Inner(rewriter, value);
        switch (node?.Operator)
        {
            case Binary { Function: BinaryFunction.Add or BinaryFunction.Sub } clamped when clamped.Clamp == Clamp.Relu6:
                return Shifted(node, 3);
            case Unary { Function: UnaryFunction.Relu6 }:
            case Unary { Function: UnaryFunction.Clip, Alpha: 0, Beta: 6 }:
                return Inner(rewriter, node.Input(0)) is { Operator: Binary { Clamp.IsNone: true } } inner ? Shifted(inner, 3) : null;
            case Binary { Function: BinaryFunction.Min, Clamp.IsNone: true }:
                // min(relu(x + 3), 6)
                return (Constants.IsScalar(node.Input(1), 6) ? Inner(rewriter, node.Input(0)) : Constants.IsScalar(node.Input(0), 6) ? Inner(rewriter, node.Input(1)) : null) switch
                {
                    { Operator: Binary { Function: BinaryFunction.Add or BinaryFunction.Sub } add } sum when add.Clamp == Clamp.Relu => Shifted(sum, 3),
                    { Operator: Unary { Function: UnaryFunction.Relu } } relu when Inner(rewriter, relu.Input(0)) is { Operator: Binary { Clamp.IsNone: true } } shifted => Shifted(shifted, 3),
                    _ => null,
                };
            default:
                return null;
        }
    }

    /// <summary>x, if <paramref name="node"/> is x + <paramref name="shift"/> in one of its spellings.</summary>
    private static Value? Shifted(Node node, float shift) => node.Operator switch
    {
        Binary { Function: BinaryFunction.Add } when Constants.IsScalar(node.Input(1), shift) => node.Input(0),
        Binary { Function: BinaryFunction.Add } when Constants.IsScalar(node.Input(0), shift) => node.Input(1),
        Binary { Function: BinaryFunction.Sub } when Constants.IsScalar(node.Input(1), -shift) => node.Input(0),
        _ => null,
    };

    /// <summary>x, if <paramref name="value"/> is 1 + erf(x / sqrt(2)).</summary>
    private static Value? OnePlusErf(GraphRewriter rewriter, Value value)
    {
        if (Inner(rewriter, value) is not { Operator: Binary { Clamp.IsNone: true } } sum || Shifted(sum, 1) is not { } shifted
            || Inner(rewriter, shifted) is not { Operator: Unary { Function: UnaryFunction.Erf } } erf
            || Inner(rewriter, erf.Input(0)) is not { Operator: Binary { Function: BinaryFunction.Mul or BinaryFunction.Div, Clamp.IsNone: true } } scaled)
        {
            return null;
        }

        var factors = new List<Value>();
        float scale = 1;
        return CollectProduct(rewriter, scaled, factors, ref scale, 0) && factors.Count == 1 && Constants.IsAbout(scale, InverseSqrt2) ? factors[0] : null;
    }
}
