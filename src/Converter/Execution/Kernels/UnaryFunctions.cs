namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>The unary functions for one real, in double precision.</summary>
internal static class UnaryFunctions
{
    public static double Evaluate(Unary op, double x) => op.Function switch
    {
        UnaryFunction.Relu => Math.Max(x, 0),
        UnaryFunction.Relu6 => Math.Min(Math.Max(x, 0), 6),
        UnaryFunction.Clip => Math.Min(Math.Max(x, op.Alpha), op.Beta),
        UnaryFunction.LeakyRelu => x >= 0 ? x : op.Alpha * x,
        UnaryFunction.HardSwish => x * Math.Max(0, Math.Min(1, (x / 6) + 0.5)),
        UnaryFunction.HardSigmoid => Math.Max(0, Math.Min(1, (op.Alpha * x) + op.Beta)),
        UnaryFunction.Sigmoid => 1 / (1 + Math.Exp(-x)),
        UnaryFunction.Tanh => Math.Tanh(x),
        UnaryFunction.Elu => x >= 0 ? x : op.Alpha * (Math.Exp(x) - 1),
        UnaryFunction.Gelu => op.Alpha == 0 ? 0.5 * x * (1 + Erf(x / Math.Sqrt(2))) : 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        // log(1 + e^x) without overflow for large x.
        UnaryFunction.Softplus => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x))),
        UnaryFunction.Erf => Erf(x),
        UnaryFunction.Exp => Math.Exp(x),
        UnaryFunction.Log => Math.Log(x),
        UnaryFunction.Sqrt => Math.Sqrt(x),
        UnaryFunction.Rsqrt => 1 / Math.Sqrt(x),
        UnaryFunction.Square => x * x,
        UnaryFunction.Reciprocal => 1 / x,
        UnaryFunction.Abs => Math.Abs(x),
        UnaryFunction.Neg => -x,
        UnaryFunction.Sign => x > 0 ? 1 : x < 0 ? -1 : x,
        UnaryFunction.Floor => Math.Floor(x),
        UnaryFunction.Ceil => Math.Ceiling(x),
        UnaryFunction.Round => Math.Round(x, MidpointRounding.ToEven),
        UnaryFunction.Sin => Math.Sin(x),
        UnaryFunction.Cos => Math.Cos(x),
        _ => throw new InvalidOperationException($"no function {op.Function}"),
    };

    /// <summary>The integer functions; null where <paramref name="function"/> is defined on reals only.</summary>
    public static Func<long, long>? OnIntegers(Unary op) => op.Function switch
    {
        UnaryFunction.Relu => static x => Math.Max(x, 0),
        UnaryFunction.Relu6 => static x => Math.Clamp(x, 0, 6),
        UnaryFunction.Clip => x => Math.Min(Math.Max(x, long.CreateSaturating(op.Alpha)), long.CreateSaturating(op.Beta)),
        UnaryFunction.Square => static x => unchecked(x * x),
        UnaryFunction.Abs => static x => x < 0 ? unchecked(-x) : x,
        UnaryFunction.Neg => static x => unchecked(-x),
        UnaryFunction.Sign => static x => Math.Sign(x),
        UnaryFunction.Floor or UnaryFunction.Ceil or UnaryFunction.Round => static x => x,
        _ => null,
    };

    /// <summary>
    /// The error function by its series of positive terms, 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (2n+1)!!
    /// (M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 7.1.6): nothing cancels.
    /// </summary>
    private static double Erf(double x)
    {
        // From 6 on, 1 - erf(x) is below half a unit of double's last place.
        if (!(Math.Abs(x) < 6))
        {
            return double.IsNaN(x) ? x : Math.Sign(x);
        }

        double term = x;
        double sum = x;
        for (int n = 1; Math.Abs(term) > Math.Abs(sum) * 1e-17; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
