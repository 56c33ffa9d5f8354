using TinyInference.SideBySide;

namespace Converter.Tests.SideBySide;

[TestClass]
public class SideBySideTest
{
    [TestMethod]
    public void The_plot_in_the_docs_is_that_of_the_table() =>
        Assert.AreEqual(FiguresPlot.Write(StoredFigures.Read()), File.ReadAllText(StoredFigures.PlotPath).ReplaceLineEndings("\n"), "run benchmarks/SideBySide -- --update");

    [TestMethod]
    public void The_counts_in_the_docs_are_those_of_the_code()
    {
        Dictionary<(string, string), double> stored = StoredFigures.Read().ToDictionary(f => (f.Network, f.Way), f => f.IlPerMac);
        BenchNetwork network = BenchNetwork.Own[0];

        foreach (Contender contender in Contender.All(network.Open(), out long macs))
        {
            double now = (double)contender.Count().Total / macs;
            double then = stored[(network.Name, contender.Way)];
            Assert.IsLessThanOrEqualTo(0.02 * then, Math.Abs(now - then), $"{network.Name}, {contender.Way}: {now:F2} IL per MAC, docs/performance.md says {then:F2}: run benchmarks/SideBySide -- --update");
        }
    }

    [TestMethod]
    public void All_ways_give_the_same_bytes()
    {
        foreach (BenchNetwork network in BenchNetwork.Own)
        {
            IReadOnlyList<Contender> contenders = Contender.All(network.Open(), out _);
            foreach (Contender contender in contenders)
            {
                contender.Run();
                CollectionAssert.AreEqual(contenders[0].Output(), contender.Output(), $"{network.Name}, {contender.Way}");
            }
        }
    }
}
