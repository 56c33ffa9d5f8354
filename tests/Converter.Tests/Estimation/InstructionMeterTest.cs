using TinyInference.Converter.Conversion;
using TinyInference.Converter.Estimation;
using TinyInference.IlMeter;

namespace Converter.Tests.Estimation;

using TinyInference;

[TestClass]
public class InstructionMeterTest
{
    [TestMethod]
    public void Counting_changes_no_byte_of_the_arena()
    {
        byte[] blob = NetworkConverter.Emit(SmallNetworks.ResNet()).Blob;
        Model model = Model.Load(blob);
        byte[] input = InstructionMeter.RandomInput(model);
        var session = new Session(model);
        session.SetInput(0, (sbyte[])(Array)input);
        session.Run();

        using var meter = new InstructionMeter();
        RunCounts counts = meter.Count(blob, input);

        CollectionAssert.AreEqual(session.Arena, counts.Arena);
    }

    [TestMethod]
    public void Counts_are_the_same_every_time()
    {
        byte[] blob = NetworkConverter.Emit(SmallNetworks.DsCnn()).Blob;
        byte[] input = InstructionMeter.RandomInput(Model.Load(blob));
        using var meter = new InstructionMeter();
        using var other = new InstructionMeter();

        RunCounts first = meter.Count(blob, input);
        RunCounts[] others = [meter.Count(blob, input), other.Count(blob, input)];

        foreach (RunCounts again in others)
        {
            CollectionAssert.AreEqual(PerOperator(first), PerOperator(again));
            Assert.AreEqual(first.Session.Total, again.Session.Total);
        }
    }

    [TestMethod]
    public void The_session_costs_some_instructions_for_each_operator_and_allocates_nothing()
    {
        byte[] blob = NetworkConverter.Emit(SmallNetworks.ResNet()).Blob;
        Model model = Model.Load(blob);
        using var meter = new InstructionMeter();

        RunCounts counts = meter.Count(blob, InstructionMeter.RandomInput(model));

        Assert.AreEqual(model.Operators.Length, counts.Operators.Count);
        Assert.IsTrue(counts.Session.Total >= 10 * model.Operators.Length && counts.Session.Total <= 100 * model.Operators.Length, $"{counts.Session.Total} instructions");
        Assert.IsTrue(counts.Operators.All(o => o.Total > 0));
        Assert.AreEqual(0, counts.Session[InstructionClass.CallInterface], "nobody observes what is counted");
        Assert.AreEqual(0, counts.Total[InstructionClass.Allocation]);
        Assert.AreEqual(0, counts.LibraryCalls.Count, string.Join(", ", counts.LibraryCalls));
    }

    private static long[] PerOperator(RunCounts counts) => [.. counts.Operators.Select(o => o.Total)];
}
