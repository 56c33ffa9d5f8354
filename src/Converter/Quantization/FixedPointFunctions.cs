namespace TinyInference.Converter.Quantization;

/// <summary>
/// Transcendental functions in 32-bit fixed point, to the bit as gemmlowp computes them (fixedpoint.h), which TensorFlow Lite's
/// int8 logistic and tanh are defined by. Qn.m: n integer bits, m fractional bits, one sign bit.
/// </summary>
internal static class FixedPointFunctions
{
    private const int One = int.MaxValue;

    /// <summary>exp(-1/4), exp(-1/2), exp(-1), ... exp(-16) in Q0.31: one factor for each bit of the argument from 1/4 up.</summary>
    private static readonly int[] s_exponentials = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];

    /// <param name="x">Q4.27.</param>
    /// <returns>1 / (1 + exp(-x)) in Q0.31.</returns>
    public static int Logistic(int x)
    {
        if (x == 0)
        {
            return 1 << 30;
        }

        int positive = Rescale(Reciprocal(ExpOfNegative(x > 0 ? -x : x, 4)), 1);
        return x > 0 ? positive : One - positive;
    }

    /// <param name="x">Q4.27.</param>
    /// <returns>tanh(x) in Q0.31.</returns>
    public static int Tanh(int x)
    {
        if (x == 0)
        {
            return 0;
        }

        // (1 - e) / (1 + e) = 2 / (1 + e) - 1 for e = exp(-2|x|): the same bits with one integer bit more are 2x.
        int magnitude = Rescale(Reciprocal(ExpOfNegative(x > 0 ? -x : x, 5)) - (1 << 29), 2);
        return x > 0 ? magnitude : -magnitude;
    }

    /// <summary>2 / (1 + x) in Q2.29 for x in [0, 1], Q0.31: three steps of Newton and Raphson on the halved denominator.</summary>
    private static int Reciprocal(int x)
    {
        const int FortyEightSeventeenths = 1515870810;
        const int MinusThirtyTwoSeventeenths = -1010580540;
        int halfDenominator = HalfSum(x, One);
        int result = FortyEightSeventeenths + FixedPoint.DoublingHighMultiply(halfDenominator, MinusThirtyTwoSeventeenths);
        for (int i = 0; i < 3; i++)
        {
            int error = (1 << 29) - FixedPoint.DoublingHighMultiply(halfDenominator, result);
            result += Rescale(FixedPoint.DoublingHighMultiply(result, error), 2);
        }

        return result;
    }

    /// <summary>exp(x) in Q0.31 for x of 0 or less with <paramref name="integerBits"/> integer bits (at most 5).</summary>
    public static int ExpOfNegative(int x, int integerBits)
    {
        if (x == 0)
        {
            return One;
        }

        int fractionalBits = 31 - integerBits;
        int quarter = 1 << (fractionalBits - 2);
        int remainderOfQuarter = (x & (quarter - 1)) - quarter;
        int result = ExpNearMinusEighth(FixedPoint.SaturatingShiftLeft(remainderOfQuarter, integerBits));
        int quarters = remainderOfQuarter - x;
        for (int i = 0; i < integerBits + 2; i++)
        {
            if ((quarters & (1 << (fractionalBits + i - 2))) != 0)
            {
                result = FixedPoint.DoublingHighMultiply(result, s_exponentials[i]);
            }
        }

        return result;
    }

    /// <summary>exp(x) in Q0.31 for x in [-1/4, 0), Q0.31: its Taylor series about -1/8 to the fourth power.</summary>
    private static int ExpNearMinusEighth(int x)
    {
        const int ExpMinusEighth = 1895147668;
        const int Third = 715827883;
        int t = x + (1 << 28);
        int t2 = FixedPoint.DoublingHighMultiply(t, t);
        int t3 = FixedPoint.DoublingHighMultiply(t2, t);
        int t4 = FixedPoint.DoublingHighMultiply(t2, t2);
        int quarterT4 = FixedPoint.RoundingDivideByPowerOfTwo(t4, 2);
        int tail = FixedPoint.RoundingDivideByPowerOfTwo(FixedPoint.DoublingHighMultiply(quarterT4 + t3, Third) + t2, 1);
        return ExpMinusEighth + FixedPoint.DoublingHighMultiply(ExpMinusEighth, t + tail);
    }

    private static int Rescale(int x, int leftShift) => FixedPoint.SaturatingShiftLeft(x, leftShift);

    /// <summary>(a + b) / 2, half away from zero.</summary>
    private static int HalfSum(int a, int b)
    {
        long sum = (long)a + b;
        return (int)((sum + (sum >= 0 ? 1 : -1)) / 2);
    }
}
