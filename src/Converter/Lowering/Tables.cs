using TinyInference.Converter.Execution.Kernels;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>
/// Tables of LOOKUP: entry x + 128 is the result for x. Those that TensorFlow Lite Micro computes in integers are computed
/// here by the same integers (its reference kernels); all others in double precision, rounded once.
/// </summary>
internal static class Tables
{
    /// <summary>The same real under other parameters, then clamped (Requantize; with a clamp ReluQuantized).</summary>
    public static sbyte[] Requantize(QuantizationParameters input, QuantizationParameters output, Clamp clamp)
    {
        QuantizedMultiplier factor = QuantizedMultiplier.From((double)input.Scale / output.Scale);
        return Rescale(input, output, clamp, factor);
    }

    /// <summary>A unary function, by TensorFlow Lite Micro's integers where it has some that fit the parameters.</summary>
    public static sbyte[] Unary(Unary op, QuantizationParameters input, QuantizationParameters output)
    {
        switch (op.Function)
        {
            case UnaryFunction.Relu:
                return Activation(input, output, Clamp.Relu);
            case UnaryFunction.Relu6:
                return Activation(input, output, Clamp.Relu6);
            case UnaryFunction.Clip:
                return Activation(input, output, new Clamp(op.Alpha, op.Beta));
            case UnaryFunction.LeakyRelu:
                return LeakyRelu(op.Alpha, input, output);
            case UnaryFunction.Sigmoid when output.Equals(FixedOutputs.Sigmoid):
                return Sigmoid(input);
            case UnaryFunction.Tanh when output.Equals(FixedOutputs.Tanh):
                return Tanh(input);
            case UnaryFunction.HardSwish when HardSwishTable.TryMake(input, output) is { } table:
                return table;
            default:
                return Function(input, output, x => UnaryFunctions.Evaluate(op, x));
        }
    }

    /// <summary>Any function of reals.</summary>
    public static sbyte[] Function(QuantizationParameters input, QuantizationParameters output, Func<double, double> function) =>
        Make(x =>
        {
            double scaled = Math.Round(function((double)input.Scale * (x - input.ZeroPoint)) / output.Scale, MidpointRounding.AwayFromZero);
            return double.IsNaN(scaled) ? output.ZeroPoint : (int)Math.Clamp(scaled + output.ZeroPoint, sbyte.MinValue, sbyte.MaxValue);
        });

    /// <summary>A table of <paramref name="entry"/> for -128 to 127, saturated.</summary>
    public static sbyte[] Make(Func<int, int> entry)
    {
        var table = new sbyte[256];
        for (int x = sbyte.MinValue; x <= sbyte.MaxValue; x++)
        {
            table[x - sbyte.MinValue] = FixedPoint.Saturate(entry(x));
        }

        return table;
    }

    /// <summary>-1 - x for each int8 x: with the zero point -1 - z it stands for exactly the negative real.</summary>
    public static sbyte[] Negate() => Make(x => -1 - x);

    /// <summary>The parameters of what <see cref="Negate"/> gives.</summary>
    public static QuantizationParameters Negated(QuantizationParameters quantization) => new(quantization.Scale, -1 - quantization.ZeroPoint);

    /// <summary>Unlike Requantize, ReluQuantized divides the scales in single precision.</summary>
    private static sbyte[] Activation(QuantizationParameters input, QuantizationParameters output, Clamp clamp) =>
        Rescale(input, output, clamp, QuantizedMultiplier.From(input.Scale / output.Scale));

    private static sbyte[] Rescale(QuantizationParameters input, QuantizationParameters output, Clamp clamp, QuantizedMultiplier factor)
    {
        (int min, int max) = FixedPoint.Range(clamp, output);
        return Make(x => Math.Clamp(factor.Apply(x - input.ZeroPoint) + output.ZeroPoint, min, max));
    }

    /// <summary>QuantizeLeakyRelu.</summary>
    private static sbyte[] LeakyRelu(float alpha, QuantizationParameters input, QuantizationParameters output)
    {
        QuantizedMultiplier identity = QuantizedMultiplier.From(input.Scale / output.Scale);
        QuantizedMultiplier slope = QuantizedMultiplier.From(Math.Abs(input.Scale * alpha / output.Scale));
        return Make(x =>
        {
            int value = x - input.ZeroPoint;
            return output.ZeroPoint + (value >= 0 ? identity.Apply(value) : alpha < 0 ? -slope.Apply(value) : slope.Apply(value));
        });
    }

    private static sbyte[] Sigmoid(QuantizationParameters input) => FourIntegerBits(input, x =>
        FixedPoint.RoundingDivideByPowerOfTwo(FixedPointFunctions.Logistic(x), 31 - 8) - 128);

    private static sbyte[] Tanh(QuantizationParameters input) => FourIntegerBits(input, x =>
        FixedPoint.RoundingDivideByPowerOfTwo(FixedPointFunctions.Tanh(x), 31 - 7));

    /// <summary>A saturating function of the input as Q4.27 (reference_integer_ops Logistic and Tanh).</summary>
    private static sbyte[] FourIntegerBits(QuantizationParameters input, Func<int, int> function)
    {
        (double fraction, int shift) = FixedPoint.SplitExponent((double)input.Scale * (1 << 27));
        var factor = new QuantizedMultiplier((int)Math.Min(int.MaxValue, Math.Round(fraction * (1L << 31), MidpointRounding.AwayFromZero)), shift);
        int radius = FixedPoint.InputRadius(4, shift);
        return Make(x =>
        {
            int value = x - input.ZeroPoint;
            return value <= -radius ? sbyte.MinValue : value >= radius ? sbyte.MaxValue : function(factor.Apply(value));
        });
    }
}
