namespace TinyInference;

/// <summary>
/// Activations whose scale is chosen for each input: scale * 2^exponent, the exponent in a state of one byte. Operators that make them
/// collect results in units of the scale in scratch, look for the largest, and store them with the least exponent that holds it.
/// </summary>
internal static class DynamicScale
{
    /// <summary>The exponent is 0 to this.</summary>
    internal const int MostExponent = 15;

    /// <summary>Results in scratch stay within plus and minus this: so sums of two do not overflow.</summary>
    private const int MostResult = 1 << 29;

    /// <summary>Input <paramref name="index"/> is an exponent.</summary>
    internal static void CheckExponent(Operator op, int index)
    {
        Tensor tensor = op.Inputs[index];
        Check.Require(tensor.IsState && tensor.Type == TensorType.Int8 && tensor.ElementCount == 1, BlobError.Shape, op);
    }

    /// <summary>The parameters from <paramref name="index"/> on are the least and the largest result in units of the scale.</summary>
    internal static void CheckBounds(Operator op, int index)
        => Check.Require(op.Parameters[index] <= op.Parameters[index + 1], BlobError.Parameter, op);

    /// <summary>The exponent in a state; what no kernel has written is taken modulo 16.</summary>
    internal static int Exponent(sbyte[] arena, Tensor state) => arena[state.ArenaOffset] & MostExponent;

    /// <summary>x * multiplier * 2^(shift - 31), in 64 bits, rounded once, half up; shift is 30 at most.</summary>
    internal static int Scale(int x, int multiplier, int shift)
    {
        int right = 31 - shift;
        long product = (((long)x * multiplier) + (1L << (right - 1))) >> right;
        return product > MostResult ? MostResult : product < -MostResult ? -MostResult : (int)product;
    }

    /// <summary>x / 2^exponent, half away from zero.</summary>
    internal static int Divide(int x, int exponent) => exponent == 0 ? x : (x + (1 << (exponent - 1)) - (x < 0 ? 1 : 0)) >> exponent;

    /// <summary>Clamps results in scratch, chooses their exponent and stores both.</summary>
    /// <param name="results">In units of the output's scale.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="least">The least result that there may be.</param>
    /// <param name="most">The largest.</param>
    /// <param name="arena">All activations.</param>
    /// <param name="output">Where they go.</param>
    /// <param name="state">Where the exponent goes.</param>
    /// <param name="zpY">Zero point of the output.</param>
    internal static void Store(int[] results, int count, int least, int most, sbyte[] arena, Tensor output, Tensor state, int zpY)
    {
        int low = 0;
        int high = 0;
        for (int i = 0; i < count; i++)
        {
            int r = results[i];
            r = r < least ? least : r > most ? most : r;
            results[i] = r;
            low = r < low ? r : low;
            high = r > high ? r : high;
        }

        int exponent = 0;
        while (exponent < MostExponent && (Divide(high, exponent) > 127 - zpY || Divide(low, exponent) < -128 - zpY))
        {
            exponent++;
        }

        arena[state.ArenaOffset] = (sbyte)exponent;
        int y = output.ArenaOffset;
        for (int i = 0; i < count; i++)
        {
            int q = Divide(results[i], exponent) + zpY;
            arena[y + i] = (sbyte)(q < -128 ? -128 : q > 127 ? 127 : q);
        }
    }
}
