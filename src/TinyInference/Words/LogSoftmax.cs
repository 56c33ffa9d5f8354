namespace TinyInference.Words;

/// <summary>
/// Logarithms of probabilities from int16 logits, integers only: logit - max - ln Σ exp(logit - max), in Q16 nats. Powers of two and their logarithms are linear
/// between 64 entries of a table; docs/ARITHMETIC.md, "Logarithms of probabilities".
/// </summary>
internal static class LogSoftmax
{
    /// <summary>log2 e in Q14: times the largest difference of two int16 it fits 32 bits.</summary>
    private const int Log2E = 23637;

    /// <summary>Logits go up to 4,096: the sum of two logarithms fits 32 bits.</summary>
    internal const int LeastFractionBits = 3;

    /// <summary>ln 2 in Q16.</summary>
    private const int Ln2 = 45426;

    /// <summary>What lies so many nats below the largest logit adds nothing that a sum in Q20 could hold.</summary>
    private const int Negligible = 14;

    /// <summary>2^(-i/64) in Q20.</summary>
    private static readonly int[] s_power =
    {
        1048576, 1037281, 1026107, 1015054, 1004120, 993303, 982604, 972019, 961548, 951191, 940944, 930809, 920782, 910863, 901051, 891345,
        881744, 872246, 862850, 853555, 844361, 835265, 826268, 817367, 808563, 799853, 791237, 782714, 774282, 765942, 757691, 749529,
        741455, 733468, 725567, 717752, 710020, 702372, 694806, 687321, 679917, 672593, 665348, 658181, 651091, 644078, 637140, 630276,
        623487, 616771, 610127, 603555, 597053, 590622, 584260, 577966, 571740, 565581, 559489, 553462, 547500, 541603, 535768, 529997,
        524288,
    };

    /// <summary>log2(1 + i/64) in Q16.</summary>
    private static readonly int[] s_logarithm =
    {
        0, 1466, 2909, 4331, 5732, 7112, 8473, 9814, 11136, 12440, 13727, 14996, 16248, 17484, 18704, 19909,
        21098, 22272, 23433, 24579, 25711, 26830, 27936, 29029, 30109, 31178, 32234, 33279, 34312, 35334, 36346, 37346,
        38336, 39316, 40286, 41246, 42196, 43137, 44068, 44990, 45904, 46809, 47705, 48593, 49472, 50344, 51207, 52063,
        52911, 53751, 54584, 55410, 56229, 57040, 57845, 58643, 59434, 60219, 60997, 61769, 62534, 63294, 64047, 64794,
        65536,
    };

    /// <summary>Reads logits, and gives what is to be taken off each of them times 2^(16 - fractionBits) for the logarithm of its probability.</summary>
    /// <param name="arena">Holds the logits, int16, little endian.</param>
    /// <param name="at">Where they begin.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="fractionBits">Of the logits: their scale is 2^-fractionBits; <see cref="LeastFractionBits"/> to 15.</param>
    /// <param name="logits">Its first elements are set to them.</param>
    internal static int Run(sbyte[] arena, int at, int count, int fractionBits, int[] logits)
    {
        int largest = int.MinValue;
        for (int i = 0; i < count; i++)
        {
            int logit = (byte)arena[at] | (arena[at + 1] << 8);
            at += 2;
            logits[i] = logit;
            if (logit > largest)
            {
                largest = logit;
            }
        }

        int[] power = s_power;
        int most = Negligible << fractionBits;

        // From Q14 and the fraction of the logits to Q16.
        int right = fractionBits - 2;
        long sum = 0;
        for (int i = 0; i < count; i++)
        {
            int below = largest - logits[i];
            if (below <= most)
            {
                // Binary exponent in Q16.
                int exponent = (below * Log2E) >> right;
                int step = (exponent >> 10) & 63;
                int low = power[step];
                sum += (low - (((low - power[step + 1]) * (exponent & 1023)) >> 10)) >> (exponent >> 16);
            }
        }

        return (largest << (16 - fractionBits)) + Logarithm(sum);
    }

    /// <summary>The natural logarithm, Q16, of a number of 1 or more in Q20.</summary>
    private static int Logarithm(long sum)
    {
        int exponent = 0;
        while (sum >= 1L << 21)
        {
            sum >>= 1;
            exponent++;
        }

        int fraction = (int)sum & ((1 << 20) - 1);
        int step = fraction >> 14;
        int low = s_logarithm[step];
        int binary = (exponent << 16) + low + (((s_logarithm[step + 1] - low) * (fraction & 16383)) >> 14);
        return (int)(((long)binary * Ln2) >> 16);
    }
}
