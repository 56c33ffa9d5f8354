namespace TinyInference.Converter.Graphs;

/// <summary>
/// Checks what every stage may rely on: inputs made before they are read, each value made once, names unique,
/// constants as their values state, and shapes that the operators agree with.
/// </summary>
internal static class GraphValidator
{
    /// <exception cref="InputException">The graph is not sound; the message names the node or the value.</exception>
    public static void Validate(Graph graph)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Value value in graph.Values())
        {
            Require(names.Add(value.Name), value, "its name is used twice");
            Require(value.Constant is null || (value.Constant.Shape.Equals(value.Shape) && value.Constant.Type == value.Type),
                value, "its constant has another shape or type");
            CheckQuantization(value);
        }

        var known = new HashSet<Value>();
        foreach (Value input in graph.Inputs)
        {
            Require(known.Add(input), input, "it is listed twice as an input");
            Require(!input.IsConstant, input, "an input of the graph cannot be a constant");
        }

        foreach (Node node in graph.Nodes)
        {
            foreach (Value input in node.Inputs.OfType<Value>())
            {
                if (!input.IsConstant && !known.Contains(input))
                {
                    throw new InputException($"{node}: its input '{input.Name}' is not made before it");
                }
            }

            foreach (Value output in node.Outputs)
            {
                Require(!output.IsConstant && known.Add(output), output, "it is made twice");
            }

            if (ShapeRules.Fault(node) is { } fault)
            {
                throw new InputException($"{node}: {fault}");
            }
        }

        foreach (Value output in graph.Outputs)
        {
            Require(output.IsConstant || known.Contains(output), output, "it is an output of the graph, but nothing makes it");
        }
    }

    private static void CheckQuantization(Value value)
    {
        if (value.Quantization is not { } quantization)
        {
            return;
        }

        Require(quantization.Scales.Length == quantization.ZeroPoints.Length, value, "it has not as many zero points as scales");
        Require(Array.TrueForAll(quantization.Scales, s => s > 0 && float.IsFinite(s)), value, "a scale is not above 0");
        Require(quantization.IsPerTensor || (quantization.Axis >= 0 && quantization.Axis < value.Shape.Rank
            && quantization.Scales.Length == value.Shape[quantization.Axis]), value, "its scales do not fit its shape");
    }

    private static void Require(bool condition, Value value, string fault)
    {
        if (!condition)
        {
            throw new InputException($"tensor '{value.Name}': {fault}");
        }
    }
}
