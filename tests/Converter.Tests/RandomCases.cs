using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Converter.Tests;

/// <summary>Properties over random shapes and data: FsCheck picks the seeds, always the same ones, and names the one that fails.</summary>
internal static class RandomCases
{
    public static void ForAll(Action<Random> test, int count = 100)
    {
        Config config = Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(new Replay(new Rnd(20240607, 1), FSharpOption<int>.None));
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => test(new Random(seed))).Check(config);
    }

    /// <summary>Values of a few bits, so that sums of them are exact in any order.</summary>
    public static float[] Floats(this Random random, int count)
    {
        var data = new float[count];
        foreach (ref float x in data.AsSpan())
        {
            x = random.Next(-32, 33) / 16f;
        }

        return data;
    }
}
