using TinyInference.Converter.Estimation;
using TinyInference.IlMeter;

namespace Converter.Tests.Estimation;

/// <summary>Holds the kernels to what they executed when il-counts.json was written.</summary>
[TestClass]
public class CountGateTest
{
    private static readonly StoredOperator[] s_stored = [new("0 Conv2D first", 100_000), new("1 Softmax last", 1000), new("(session)", 50)];

    public static IEnumerable<object[]> Names => ReferenceNetwork.All.Select(n => new object[] { n.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void No_operator_executes_more_than_stored(string name)
    {
        ReferenceNetwork network = ReferenceNetwork.All.Single(n => n.Name == name);
        if (!network.IsPresent)
        {
            Assert.Inconclusive($"skipped: shared/{network.SharedFile} not found beside the repository");
        }

        if (!InstructionMeter.CountsOptimizedCode)
        {
            Assert.Inconclusive("skipped: a Debug build executes other instructions");
        }

        Dictionary<string, StoredOperator[]> stored = StoredCounts.Read();
        Assert.IsTrue(stored.ContainsKey(name), $"{name} is not in {StoredCounts.FilePath}; run: {StoredCounts.UpdateCommand}");
        IReadOnlyList<string> differences = CountGate.Compare(name, stored[name], StoredCounts.Of(network.Measure()));
        Assert.AreEqual(0, differences.Count, string.Join('\n', differences));
    }

    [TestMethod]
    public void Up_to_one_percent_passes()
    {
        Assert.AreEqual(0, Compare(101_000, 990).Count);
        Assert.AreEqual(0, Compare(99_000, 1010).Count);
    }

    [TestMethod]
    public void A_rise_names_network_and_operator()
    {
        IReadOnlyList<string> differences = Compare(100_000, 1020);

        Assert.AreEqual("kws, operator 1 Softmax last: 1,020 IL instructions, stored 1,000 (+2.0 %): slower", differences[0]);
        Assert.AreEqual(2, differences.Count);
    }

    [TestMethod]
    public void A_fall_names_the_command_that_stores_it()
    {
        IReadOnlyList<string> differences = Compare(50_000, 1000);

        Assert.AreEqual(3, differences.Count);
        Assert.AreEqual("kws, operator 0 Conv2D first: 50,000 IL instructions, stored 100,000 (-50.0 %): faster", differences[0]);
        StringAssert.Contains(differences[1], "(total)");
        StringAssert.EndsWith(differences[2], "dotnet run -c Release --project benchmarks/IlMeter -- --update");
    }

    [TestMethod]
    public void Other_operators_ask_for_new_counts()
    {
        StringAssert.Contains(CountGate.Compare("kws", s_stored, s_stored[1..])[^1], StoredCounts.UpdateCommand);
    }

    private static IReadOnlyList<string> Compare(long convolution, long softmax) => CountGate.Compare(
        "kws", s_stored, [s_stored[0] with { Il = convolution }, s_stored[1] with { Il = softmax }, s_stored[2]]);
}
