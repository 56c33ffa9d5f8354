namespace TinyInference.Converter.Emission.CSharp;

/// <summary>
/// The requantization of one output channel, for sums known to lie between two bounds: from where on the result is above the clamp's
/// lower end, from where on it is the upper end, and whether one rounding serves in between. The kernels' own arithmetic is docs/ARITHMETIC.md's.
/// </summary>
internal sealed class ChannelScale
{
    /// <summary>More sums than so many are not compared one by one.</summary>
    private const long MostCompared = 1 << 20;

    /// <summary>Up to here, multiplier, rounding and zero point times 4 fit 64 bits.</summary>
    private const int MostOneShift = 52;

    private readonly int _rightShift;

    /// <param name="multiplier">Q31, 0 or more.</param>
    /// <param name="shift">0 or less: to the right.</param>
    /// <param name="zeroPoint">Of the output.</param>
    /// <param name="min">The clamp's lower end.</param>
    /// <param name="max">The clamp's upper end.</param>
    /// <param name="least">The least sum, bias included.</param>
    /// <param name="most">The largest sum; both fit 32 bits.</param>
    public ChannelScale(int multiplier, int shift, int zeroPoint, int min, int max, long least, long most)
    {
        Multiplier = multiplier;
        _rightShift = -shift;
        ZeroPoint = zeroPoint;
        Min = min;
        Max = max;
        Most = most;
        Low = First(least, most, v => Apply(v) > min);
        High = First(least, most, v => Apply(v) >= max);
        IsNeverMin = Low == least;
        IsNeverMax = High == most + 1;
        RoundsOnce = _rightShift + 33 <= MostOneShift && OneRoundingSuffices();
    }

    /// <summary>The largest sum.</summary>
    public long Most { get; }

    public int Multiplier { get; }

    public int ZeroPoint { get; }

    public int Min { get; }

    public int Max { get; }

    /// <summary>The least sum whose result is above <see cref="Min"/>; beyond the largest sum where none is.</summary>
    public long Low { get; }

    /// <summary>The least sum whose result is <see cref="Max"/>; beyond the largest sum where none is.</summary>
    public long High { get; }

    public bool IsNeverMin { get; }

    public bool IsNeverMax { get; }

    /// <summary>(sum * <see cref="Factor"/> + <see cref="Addend"/>) >> <see cref="Shift"/> is the result for each sum from <see cref="Low"/> to <see cref="High"/> - 1.</summary>
    public bool RoundsOnce { get; }

    /// <summary>The multiplier times 4: beyond 32 bits a constant of type long is one instruction and not two.</summary>
    public long Factor => 4L * Multiplier;

    public int Shift => 33 + _rightShift;

    /// <summary>Halves of both roundings, and the zero point.</summary>
    public long Addend => (((1L << 30) + (_rightShift > 0 ? 1L << (30 + _rightShift) : 0)) * 4) + ((long)ZeroPoint << Shift);

    /// <summary>The right shift of the second rounding.</summary>
    public int SecondShift => _rightShift;

    /// <summary>What the kernels compute.</summary>
    public int Apply(long sum)
    {
        long high = ((sum * Multiplier) + (1L << 30)) >> 31;
        if (_rightShift > 0)
        {
            high = (high + (1L << (_rightShift - 1)) + (high >> 63)) >> _rightShift;
        }

        return (int)Math.Clamp(high + ZeroPoint, Min, Max);
    }

    private static long First(long least, long most, Func<long, bool> holds)
    {
        long end = most + 1;
        while (least < end)
        {
            long middle = least + ((end - least) >> 1);
            if (holds(middle))
            {
                end = middle;
            }
            else
            {
                least = middle + 1;
            }
        }

        return end;
    }

    /// <summary>Both roundings are halves up, and one, but for results below the zero point: there the second one is halves down.</summary>
    private bool OneRoundingSuffices()
    {
        if (_rightShift == 0)
        {
            return true;
        }

        long end = Math.Min(High, 0);
        if (end - Low > MostCompared)
        {
            return false;
        }

        for (long sum = Low; sum < end; sum++)
        {
            if (((sum * Factor) + Addend) >> Shift != Apply(sum))
            {
                return false;
            }
        }

        return true;
    }
}
