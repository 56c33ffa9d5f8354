namespace TinyInference.Words;

/// <summary>Probabilities in percent from their logarithms.</summary>
internal static class Percent
{
    /// <summary>2^(-i/16) in Q16.</summary>
    private static readonly int[] s_power =
    {
        65536, 62757, 60097, 57549, 55109, 52772, 50535, 48393, 46341, 44376, 42495, 40693, 38968, 37316, 35734, 34219, 32768,
    };

    /// <summary>log2 e in Q14.</summary>
    private const int Log2E = 23637;

    /// <param name="logarithm">Natural, in Q16, 0 or less.</param>
    /// <returns>0 to 100, rounded.</returns>
    internal static int OfLogarithm(int logarithm)
    {
        long exponent = (-(long)logarithm * Log2E) >> 14;
        if (exponent >= 10 << 16)
        {
            return 0;
        }

        int whole = (int)(exponent >> 16);
        int step = (int)(exponent >> 12) & 15;
        int low = s_power[step];
        int power = low - (int)(((low - s_power[step + 1]) * (exponent & 4095)) >> 12);
        return ((power * 100) + (1 << (15 + whole))) >> (16 + whole);
    }
}
