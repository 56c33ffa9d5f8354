namespace TinyInference.Tests.KernelTests;

/// <summary>The fixed-point functions of gemmlowp's fixedpoint.h on raw 32-bit values, step by step as they stand there.</summary>
internal static class GemmlowpReference
{
    /// <summary>exp(a) in Q0.31 for a in Q5.26, not positive.</summary>
    public static int ExpOnNegativeValues(int a)
    {
        const int IntegerBits = 5;
        const int FractionalBits = 26;
        int oneQuarter = 1 << (FractionalBits - 2);
        int mask = oneQuarter - 1;
        int aModQuarterMinusOneQuarter = (a & mask) - oneQuarter;
        int result = ExpOnIntervalBetweenNegativeOneQuarterAnd0(SaturatingRoundingMultiplyByPot(aModQuarterMinusOneQuarter, IntegerBits));
        int remainder = aModQuarterMinusOneQuarter - a;
        (int Exponent, int Multiplier)[] shifter =
        [
            (-2, 1672461947), (-1, 1302514674), (0, 790015084), (1, 290630308), (2, 39332535), (3, 720401), (4, 242),
        ];
        foreach ((int exponent, int multiplier) in shifter)
        {
            if ((remainder & (1 << (FractionalBits + exponent))) != 0)
            {
                result = Reference.SaturatingRoundingDoublingHighMul(result, multiplier);
            }
        }

        return a == 0 ? int.MaxValue : result;
    }

    /// <summary>1 / (1 + a), both Q0.31, for a in [0, 1).</summary>
    public static int OneOverOnePlusX(int a)
    {
        int halfDenominator = RoundingHalfSum(a, int.MaxValue);
        int x = 1515870810 + Reference.SaturatingRoundingDoublingHighMul(halfDenominator, -1010580540);
        for (int i = 0; i < 3; i++)
        {
            int halfDenominatorTimesX = Reference.SaturatingRoundingDoublingHighMul(halfDenominator, x);
            int oneMinus = (1 << 29) - halfDenominatorTimesX;
            x += SaturatingRoundingMultiplyByPot(Reference.SaturatingRoundingDoublingHighMul(x, oneMinus), 2);
        }

        return SaturatingRoundingMultiplyByPot(x, 1);
    }

    public static int SaturatingRoundingMultiplyByPot(int x, int exponent)
    {
        if (exponent <= 0)
        {
            return exponent == 0 ? x : Reference.RoundingDivideByPot(x, -exponent);
        }

        int threshold = (1 << (31 - exponent)) - 1;
        return x > threshold ? int.MaxValue : x < -threshold ? int.MinValue : x << exponent;
    }

    private static int ExpOnIntervalBetweenNegativeOneQuarterAnd0(int a)
    {
        const int ConstantTerm = 1895147668;
        const int OneOver3 = 715827883;
        int x = a + (1 << 28);
        int x2 = Reference.SaturatingRoundingDoublingHighMul(x, x);
        int x3 = Reference.SaturatingRoundingDoublingHighMul(x2, x);
        int x4 = Reference.SaturatingRoundingDoublingHighMul(x2, x2);
        int x4Over4 = SaturatingRoundingMultiplyByPot(x4, -2);
        int sum = SaturatingRoundingMultiplyByPot(Reference.SaturatingRoundingDoublingHighMul(x4Over4 + x3, OneOver3) + x2, -1);
        return ConstantTerm + Reference.SaturatingRoundingDoublingHighMul(ConstantTerm, x + sum);
    }

    private static int RoundingHalfSum(int a, int b)
    {
        long sum = (long)a + b;
        return (int)((sum + (sum >= 0 ? 1 : -1)) / 2);
    }
}
