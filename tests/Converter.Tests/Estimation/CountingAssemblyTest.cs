using Converter.Tests.Data;
using TinyInference.Converter.Estimation;

namespace Converter.Tests.Estimation;

/// <summary>Counts of methods whose instructions were counted by hand.</summary>
[TestClass]
public class CountingAssemblyTest
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(1000)]
    public void A_loop_is_counted_as_by_hand(int n)
    {
        sbyte[] x = [.. Enumerable.Range(0, n).Select(i => (sbyte)i)];

        (int result, InstructionCounts counts, _) = Run("Sum", x);

        Assert.AreEqual(x.Sum(v => v), result);
        Assert.AreEqual(8 + (12 * n), counts[InstructionClass.Simple]);
        Assert.AreEqual(n, counts[InstructionClass.ArrayLoad]);
        Assert.AreEqual(n + 1, counts[InstructionClass.Conversion]);
        Assert.AreEqual(n + 3, counts[InstructionClass.Branch]);
        Assert.AreEqual(12 + (15 * n), counts.Total);
    }

    [TestMethod]
    [DataRow(0, 105, 7)]
    [DataRow(1, 107, 6)]
    public void A_block_may_begin_with_values_on_the_stack(int k, int expected, int instructions)
    {
        (int result, InstructionCounts counts, _) = Run("Choose", k);

        Assert.AreEqual(expected, result);
        Assert.AreEqual(instructions, counts.Total);
    }

    [TestMethod]
    [DataRow(0, 10, 12)]
    [DataRow(1, 11, 12)]
    [DataRow(7, 12, 13)]
    public void Switch_and_finally_are_counted(int k, int expected, int instructions)
    {
        (int result, InstructionCounts counts, _) = Run("Finally", k);

        Assert.AreEqual(expected, result);
        Assert.AreEqual(instructions, counts.Total);
        Assert.AreEqual(2, counts[InstructionClass.Static]);
    }

    [TestMethod]
    public void A_call_counts_as_what_it_calls()
    {
        (int result, InstructionCounts counts, string[] library) = Run("Calls", new sbyte[] { 5, 6 });

        Assert.AreEqual(11, result);
        Assert.AreEqual(1, counts[InstructionClass.CallNative]);
        Assert.AreEqual(1, counts[InstructionClass.CallLibrary]);
        Assert.AreEqual(1, counts[InstructionClass.CallStatic]);
        Assert.AreEqual(10 + 12 + (15 * 2), counts.Total);
        CollectionAssert.AreEqual(new[] { "System.GC::GetTotalMemory" }, library);
    }

    [TestMethod]
    public void Classes_sum_to_the_total_and_weigh_what_was_measured()
    {
        (_, InstructionCounts counts, _) = Run("Sum", new sbyte[10]);

        Assert.AreEqual(counts.Total, Enum.GetValues<InstructionClass>().Sum(kind => counts[kind]));
        Assert.AreEqual((2.2 * (162 - 10)) + (7 * 10), counts.HostNanoseconds, 1e-9);
    }

    private static (int Result, InstructionCounts Counts, string[] LibraryCalls) Run(string method, object argument)
    {
        using var files = new TemporaryFiles();
        using var assembly = new CountingAssembly(files.Write("HandMade.dll", HandMadeAssembly.Build()));
        var run = assembly.Assembly.GetType(HandMadeAssembly.TypeName)!.GetMethod(method)!;
        long[] before = assembly.Snapshot();
        int result = (int)run.Invoke(null, [argument])!;
        long[] after = assembly.Snapshot();
        return (result, assembly.Executed(before, after), assembly.LibraryCalls(before, after));
    }
}
