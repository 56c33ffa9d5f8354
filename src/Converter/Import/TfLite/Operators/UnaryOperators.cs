namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>Elementwise operators of one input.</summary>
internal static class UnaryOperators
{
    public static void Relu(OperatorImport op) => Import(op, UnaryFunction.Relu);

    public static void Relu6(OperatorImport op) => Import(op, UnaryFunction.Relu6);

    public static void ReluN1To1(OperatorImport op) => Import(op, UnaryFunction.Clip, -1, 1);

    public static void Relu0To1(OperatorImport op) => Import(op, UnaryFunction.Clip, 0, 1);

    public static void Elu(OperatorImport op) => Import(op, UnaryFunction.Elu, 1);

    public static void HardSwish(OperatorImport op) => Import(op, UnaryFunction.HardSwish);

    public static void Logistic(OperatorImport op) => Import(op, UnaryFunction.Sigmoid);

    public static void Tanh(OperatorImport op) => Import(op, UnaryFunction.Tanh);

    public static void Exp(OperatorImport op) => Import(op, UnaryFunction.Exp);

    public static void Log(OperatorImport op) => Import(op, UnaryFunction.Log);

    public static void Sqrt(OperatorImport op) => Import(op, UnaryFunction.Sqrt);

    public static void Rsqrt(OperatorImport op) => Import(op, UnaryFunction.Rsqrt);

    public static void Square(OperatorImport op) => Import(op, UnaryFunction.Square);

    public static void Abs(OperatorImport op) => Import(op, UnaryFunction.Abs);

    public static void Neg(OperatorImport op) => Import(op, UnaryFunction.Neg);

    public static void Sign(OperatorImport op) => Import(op, UnaryFunction.Sign);

    public static void Floor(OperatorImport op) => Import(op, UnaryFunction.Floor);

    public static void Ceil(OperatorImport op) => Import(op, UnaryFunction.Ceil);

    public static void Round(OperatorImport op) => Import(op, UnaryFunction.Round);

    public static void Sin(OperatorImport op) => Import(op, UnaryFunction.Sin);

    public static void Cos(OperatorImport op) => Import(op, UnaryFunction.Cos);

    public static void LeakyRelu(OperatorImport op)
    {
        float alpha = op.Options.Float(0);
        Import(op, UnaryFunction.LeakyRelu, float.IsFinite(alpha) ? alpha : throw op.Malformed($"has the slope {alpha}"));
    }

    /// <summary>The exact form, or the approximation by tanh where the options ask for it.</summary>
    public static void Gelu(OperatorImport op) => Import(op, UnaryFunction.Gelu, op.Options.Bool(0) ? 1 : 0);

    private static void Import(OperatorImport op, UnaryFunction function, float alpha = 0, float beta = 0)
    {
        Value x = op.Input(0);
        op.RequireReals(x, op.Output());
        op.Emit(new Unary(function, alpha, beta), x.Shape, x);
    }
}
