namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>The activation function fused into an operator, by its number in the schema.</summary>
internal static class Activation
{
    private const int TanhCode = 4;

    /// <summary>
    /// Emits output 0 of an operator with a fused activation: as its clamp, or as a node after it (Tanh, which int8 networks cannot have fused).
    /// </summary>
    /// <param name="op">The operator.</param>
    /// <param name="field">The options' field with the activation.</param>
    /// <param name="make">Makes the operator with this clamp.</param>
    /// <param name="shape">Of the result.</param>
    /// <param name="inputs">Of the node.</param>
    public static void Emit(OperatorImport op, int field, Func<Clamp, Operator> make, Shape shape, params ReadOnlySpan<Value?> inputs)
    {
        int code = op.Options.Byte(field);
        if (code != TanhCode)
        {
            op.Emit(make(ToClamp(op, code)), shape, inputs);
            return;
        }

        if (op.Output().Type != ElementType.Float32)
        {
            throw op.Unsupported("Tanh is fused into an operator that is not float");
        }

        Value before = op.EmitBetween("linear", make(Clamp.None), shape, ElementType.Float32, null, inputs);
        op.Emit(new Unary(UnaryFunction.Tanh), shape, before);
    }

    private static Clamp ToClamp(OperatorImport op, int code) => code switch
    {
        0 => Clamp.None,
        1 => Clamp.Relu,
        2 => new Clamp(-1, 1),
        3 => Clamp.Relu6,
        _ => throw op.Unsupported($"activation function {code} is fused into it"),
    };
}
