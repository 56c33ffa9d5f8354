using TinyInference;
using TinyInference.Tests;

namespace Native.Tests;

/// <summary>Every native kernel against its managed one: the same bytes, and nothing written beside them. TINYINFERENCE_CASES says how many cases each.</summary>
[TestClass]
public class KernelsTest
{
    private static readonly int s_cases = int.TryParse(Environment.GetEnvironmentVariable("TINYINFERENCE_CASES"), out int cases) ? cases : 10_000;

    [TestMethod]
    [DataRow(OperatorKind.Conv2D)]
    [DataRow(OperatorKind.DepthwiseConv2D)]
    [DataRow(OperatorKind.FullyConnected)]
    [DataRow(OperatorKind.Add)]
    [DataRow(OperatorKind.Sub)]
    [DataRow(OperatorKind.Mul)]
    [DataRow(OperatorKind.AveragePool2D)]
    [DataRow(OperatorKind.MaxPool2D)]
    [DataRow(OperatorKind.Mean)]
    [DataRow(OperatorKind.Lookup)]
    [DataRow(OperatorKind.Softmax)]
    public void Random_cases_give_the_bytes_of_the_managed_kernel(OperatorKind kind)
    {
        NativeKernel native = NativeLibrary.Run;
        Dice.Throw(s_cases, dice => Compare(kind, dice, native));
        Console.WriteLine($"{kind}: {s_cases} cases");
    }

    [TestMethod]
    public void Other_kinds_stay_managed()
    {
        NativeKernel native = NativeLibrary.Run;
        foreach ((string name, byte[] blob) in SampleBlobs.All())
        {
            Model model = Model.Load(blob);
            Tensor y = model.Outputs[0];
            Range result = y.ArenaOffset..(y.ArenaOffset + y.ByteCount);
            sbyte[] arena = new Dice(7).Int8s(model.ArenaBytes);
            CollectionAssert.AreEqual(Run(new Session(model, null), arena)[result], Run(new Session(model, native), arena)[result], name);
        }
    }

    [TestMethod]
    public void A_kind_without_kernel_is_refused_and_nothing_is_done()
        => Assert.AreEqual(1, NativeLibrary.Run(new int[16], [], [], [], [], [], []));

    private static void Compare(OperatorKind kind, Dice dice, NativeKernel native)
    {
        Model model = Model.Load(RandomOperator.Blob(kind, dice));
        Tensor y = model.Outputs[0];
        sbyte[] before = dice.Int8s(model.ArenaBytes);
        sbyte[] expected = Run(new Session(model, null), before);
        sbyte[] actual = Run(new Session(model, native), before);
        Range result = y.ArenaOffset..(y.ArenaOffset + y.ByteCount);
        CollectionAssert.AreEqual(expected[result], actual[result], kind.ToString());

        actual.AsSpan(result).Clear();
        before.AsSpan(result).Clear();
        CollectionAssert.AreEqual(before, actual, $"{kind} wrote beside its result");
    }

    /// <summary>The whole arena after a run.</summary>
    private static sbyte[] Run(Session session, sbyte[] arena)
    {
        arena.CopyTo(session.Arena, 0);
        session.Run();
        return [.. session.Arena];
    }
}
