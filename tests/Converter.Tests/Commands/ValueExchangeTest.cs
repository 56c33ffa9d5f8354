using TinyInference.Converter.Commands;
using TinyInference.Converter.Commands.Training;
using TinyInference.Converter.Data;

namespace Converter.Tests.Commands;

[TestClass]
public class ValueExchangeTest
{
    /// <summary>200 rooms behind "the", 200 behind "in", as two intents; two ways to say off.</summary>
    private static readonly CommandExample[] s_examples =
    [
        .. Enumerable.Range(0, 200).Select(i => Read("clean", $"vacuum the [room:room r{i}]")),
        .. Enumerable.Range(0, 200).Select(i => Read("clean", $"mop in [room:place p{i}]")),
        .. Enumerable.Range(0, 200).Select(i => Read("other place", $"go to the [room:cellar c{i}]")),
        Read("switch", "turn it [off:off]"),
        Read("switch", "turn it [off:down]"),
    ];

    [TestMethod]
    public void A_value_gives_way_to_one_of_the_same_slot_and_intent_behind_the_same_word()
    {
        var exchange = new ValueExchange(s_examples);
        CommandExample mine = Read("clean", "please do the [room:kitchen] again and in [room:hall]");
        string[] made = [.. Enumerable.Range(0, 40).Select(i => exchange.Apply(mine, new SplitMix(i)).Marked())];
        Assert.IsTrue(made.Distinct().Count() > 20);
        foreach (string sentence in made)
        {
            StringAssert.Matches(sentence, new(@"^please do the \[room:(kitchen|room r\d+)\] again and in \[room:(hall|place p\d+)\]$"));
        }

        Assert.IsTrue(made.Any(s => s.Contains("kitchen", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_slot_with_few_values_keeps_them_and_a_sentence_without_slots_its_words()
    {
        var exchange = new ValueExchange(s_examples);
        foreach (int seed in Enumerable.Range(0, 20))
        {
            Assert.AreEqual("turn it [off:off]", exchange.Apply(s_examples[^2], new SplitMix(seed)).Marked());
            Assert.AreEqual("stop now", exchange.Apply(Read("stop", "stop now"), new SplitMix(seed)).Marked());
        }
    }

    [TestMethod]
    public void Files_are_repeated_with_other_values()
    {
        List<CommandExample> epoch = new ExampleSource(s_examples, [], 10, 3).Epoch(1);
        Assert.AreEqual(3 * s_examples.Length, epoch.Count);
        CollectionAssert.AreEqual(s_examples, epoch.Take(s_examples.Length).ToArray());
    }

    private static CommandExample Read(string intent, string marked) => MarkedSentence.Read(intent, marked, "test");
}
