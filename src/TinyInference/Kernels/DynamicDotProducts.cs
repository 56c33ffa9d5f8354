namespace TinyInference;

/// <summary>Dot products of rows of weights with one run of the arena of dynamic scale, collected in scratch in units of the output's scale.</summary>
internal static class DynamicDotProducts
{
    /// <summary>Multipliers and room for all results.</summary>
    internal static void Validate(Operator op, BlobHeader header, int channels, int results)
    {
        Check.Quantization(op, channels);
        for (int i = 0; i < op.Shifts.Length; i++)
        {
            Check.Multiplier(op, op.Multipliers[i], op.Shifts[i], 30 - DynamicScale.MostExponent);
        }

        Check.Require(header.Scratch32 >= results, BlobError.Parameter, op);
    }

    /// <summary>Results of <paramref name="count"/> output channels from <paramref name="first"/> on, to scratch from <paramref name="to"/> on.</summary>
    /// <param name="op">Biases: of each channel what the zero point of x adds, then of each channel the bias in units of exponent 0.</param>
    /// <param name="arena">All activations.</param>
    /// <param name="results">Where the results go.</param>
    /// <param name="x">Where the run begins in the arena.</param>
    /// <param name="length">Elements of the run.</param>
    /// <param name="first">The first output channel.</param>
    /// <param name="count">Output channels.</param>
    /// <param name="to">Place of the first result.</param>
    /// <param name="exponent">Of x.</param>
    internal static void Collect(Operator op, sbyte[] arena, int[] results, int x, int length, int first, int count, int to, int exponent)
    {
        byte[] weights = op.Weights;
        int[] biases = op.Biases;
        int[] multipliers = op.Multipliers;
        sbyte[] shifts = op.Shifts;
        int channels = biases.Length >> 1;
        int step = multipliers.Length == 1 ? 0 : 1;
        int w = op.WeightsStart + (first * length);
        int end = x + length;
        for (int o = first; o < first + count; o++)
        {
            int sum = biases[o] + DynamicScale.Divide(biases[channels + o], exponent);
            for (int a = x; a < end; a++)
            {
                sum += (sbyte)weights[w] * arena[a];
                w++;
            }

            results[to] = DynamicScale.Scale(sum, multipliers[o * step], shifts[o * step] + exponent);
            to++;
        }
    }
}
