using TinyInference.Converter.Emission;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Planning;

namespace Converter.Tests.Planning;

/// <summary>Outputs that overwrite what their operator has read, against outputs in bytes of their own.</summary>
[TestClass]
public class OverlayGuardTest
{
    private static readonly int s_cases = int.TryParse(Environment.GetEnvironmentVariable("TINYINFERENCE_CASES"), out int cases) ? cases : 2_000;

    [TestMethod]
    public void An_output_at_the_guard_before_the_input_gives_the_same_bytes()
    {
        int overlaid = 0;
        var random = new Random(6);
        for (int i = 0; i < s_cases; i++)
        {
            BlobProgram program = RandomProgram.Chain(random, 1, 20);
            if (OverlayGuard.Of(program.Operators[0], 0) is { } guard)
            {
                int seed = random.Next();
                sbyte[] expected = PlanReplay.Run(BlobWriter.ToBytes(program, RandomProgram.Separate(program)), seed);
                sbyte[] actual = PlanReplay.Run(BlobWriter.ToBytes(program, RandomProgram.Overlaid(program, guard + random.Next(2))), seed);
                BlobOperator op = program.Operators[0];
                CollectionAssert.AreEqual(expected, actual, $"case {i}: {op} encoding {op.Encoding} {op.Inputs[0]} -> {op.Output}, {string.Join(' ', op.Parameters)}");
                overlaid++;
            }
        }

        Console.WriteLine($"{overlaid} of {s_cases} operators overlaid");
        Assert.IsTrue(overlaid > s_cases / 2);
    }

    [TestMethod]
    public void Planned_programs_give_the_bytes_of_separate_tensors() => RandomCases.ForAll(random =>
    {
        BlobProgram program = RandomProgram.Chain(random, random.Next(1, 9));
        MemoryPlan plan = MemoryPlanner.Plan(program, (PlanEffort)random.Next(3));
        PlanReplay.Check(program, plan);
        Assert.IsTrue(plan.ArenaBytes >= plan.LowerBound, $"{plan.ArenaBytes} bytes, bound {plan.LowerBound}");
        int seed = random.Next();
        CollectionAssert.AreEqual(PlanReplay.Run(BlobWriter.ToBytes(program, RandomProgram.Separate(program)), seed), PlanReplay.Run(BlobWriter.ToBytes(program, plan), seed));
    }, 150);

    [TestMethod]
    public void Code_of_another_order_is_not_overlaid()
    {
        BlobProgram program = RandomProgram.Chain(new Random(1), 1);
        program.Operators[0].HasStatedOrder = false;
        Assert.IsNull(OverlayGuard.Of(program.Operators[0], 0));
    }
}
