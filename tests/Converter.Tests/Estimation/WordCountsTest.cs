using TinyInference.Converter.Lowering;
using TinyInference.IlMeter;

namespace Converter.Tests.Estimation;

[TestClass]
public class WordCountsTest
{
    [TestMethod]
    public void A_step_and_its_softmax_stay_below_six_instructions_for_each_multiplication()
    {
        WordCounts[] words = [.. WordCounts.MeasureCells(KernelPreference.Speed)];
        Array.ForEach(words, w => Console.WriteLine($"{w.Name}: {w.ToText()}"));
        foreach (WordCounts word in words)
        {
            Assert.IsTrue(word.PerMac < 6, word.ToText());
        }
    }
}
