using FsCheck;
using FsCheck.Fluent;

namespace TinyInference.Tests;

/// <summary>Random shapes, elements and quantization for one case; the whole case follows from its seed.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Runs a test for many seeds; a failure states its seed. Always the same seeds.</summary>
    public static void Throw(int cases, Action<Dice> test)
        => FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(20260101, 1),
            Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => test(new Dice(seed))));

    /// <summary>An integer from <paramref name="least"/> to <paramref name="most"/>, ends included.</summary>
    public int Between(int least, int most) => _random.Next(least, most + 1);

    public bool Coin() => Between(0, 1) == 1;

    public sbyte Int8() => (sbyte)Between(-128, 127);

    public sbyte[] Int8s(int count)
    {
        var values = new sbyte[count];
        _random.NextBytes((byte[])(object)values);
        return values;
    }

    public int[] Ints(int count, int least, int most) => [.. Enumerable.Range(0, count).Select(_ => Between(least, most))];

    /// <summary>Mostly normalised multipliers in Q31, sometimes a corner.</summary>
    public int Multiplier() => Between(0, 19) switch
    {
        0 => int.MaxValue,
        1 => 1 << 30,
        2 => Between(0, 1 << 30),
        _ => Between(1 << 30, int.MaxValue - 1),
    };

    /// <summary>A shift that brings sums of about <paramref name="bits"/> bits to some 8; sometimes any.</summary>
    public int Shift(int bits, int most = 30) => Between(0, 19) == 0 ? Between(-31, most) : Math.Clamp(8 - bits + Between(-2, 2), -31, most);

    /// <summary>An ordered pair of int8 limits, mostly the whole range.</summary>
    public (int Min, int Max) Clamp()
    {
        if (Between(0, 3) != 0)
        {
            return (-128, 127);
        }

        int a = Int8();
        int b = Int8();
        return (Math.Min(a, b), Math.Max(a, b));
    }
}
