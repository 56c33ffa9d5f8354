using System.Text;
using TinyInference.Converter;
using TinyInference.Converter.Commands;
using TinyInference.Converter.Commands.Grammars;
using TinyInference.Converter.Data;

namespace Converter.Tests.Commands;

[TestClass]
public class GrammarTest
{
    private const string Text = """
        include rooms.grammar
        before = (please | hey you)?
        $who = tom | anna
        intent clean
            (clean | vacuum) the [room:$room] (now)?
            $who's [room:$room] is dirty
            clean * quickly
        intent stop
            stop (it | that)? | no more
        intent clean
            go to wi-fi town
        """;

    [TestMethod]
    public void Every_sentence_that_is_made_is_recognised()
    {
        Grammar grammar = Read(Text);
        foreach (string intent in grammar.Intents)
        {
            List<CommandExample> examples = grammar.Generate(intent, 200, new SplitMix(3));
            Assert.IsTrue(examples.Count > 8);
            Assert.AreEqual(examples.Count, examples.Select(e => e.Marked()).Distinct().Count());
            foreach (CommandExample example in examples)
            {
                Assert.AreEqual(intent, example.Intent);
                Assert.IsTrue(grammar.Matches(example.Words), example.Text);
                Assert.IsFalse(grammar.Matches([.. example.Words, "x"]), example.Text);
            }
        }
    }

    [TestMethod]
    [DataRow("please clean the living room now", true)]
    [DataRow("Anna's kitchen is dirty", true)]
    [DataRow("clean zorb quickly", true)]
    [DataRow("hey you, no more!", true)]
    [DataRow("go to wi fi town", true)]
    [DataRow("clean the living", false)]
    [DataRow("clean the living rooms", false)]
    [DataRow("annas kitchen is dirty", false)]
    [DataRow("clean zorb zorb quickly", false)]
    [DataRow("please please stop", false)]
    [DataRow("please", false)]
    public void Matches(string sentence, bool expected) => Assert.AreEqual(expected, Read(Text).Matches(SentenceWords.Split(sentence)));

    [TestMethod]
    public void An_intent_prefers_what_can_say_more_but_does_not_drown_the_rest()
    {
        // One sentence, and 10 x 10: a weight of 1 and of 3, wherever they stand.
        const string Digits = "$digit = one | two | three | four | five | six | seven | eight | nine | ten\nintent count\n    stop | $digit $digit\n";
        var chance = new SplitMix(5);
        Grammar grammar = Read(Digits);

        int stops = Enumerable.Range(0, 2000).Count(_ => grammar.Generate("count", 1, chance)[0].Text == "stop");

        Assert.AreEqual(500, stops, 80);
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_sentences()
    {
        string[] Of(int seed) => [.. Read(Text).Generate("clean", 20, new SplitMix(seed)).Select(e => e.Marked())];

        CollectionAssert.AreEqual(Of(1), Of(1));
        CollectionAssert.AreNotEqual(Of(1), Of(2));
    }

    [TestMethod]
    [DataRow("intent a\n    go (now\n", "line 2, column 4", "'(' is not closed")]
    [DataRow("intent a\n    go [time:now\n", "line 2, column 4", "'[' is not closed")]
    [DataRow("intent a\n    go now)\n", "line 2", "closes nothing")]
    [DataRow("intent a\n    go $when\n", "line 2", "no rule $when")]
    [DataRow("$a = x $a\nintent b\n    go\n", "line 1", "uses itself")]
    [DataRow("$a = x\n$a = y\nintent b\n    go\n", "line 2", "defined already")]
    [DataRow("$a =\nintent b\n    go\n", "line 1", "no alternatives")]
    [DataRow("$t = [time:now]\nintent b\n    [day:$t]\n", "line 3", "marks a slot itself")]
    [DataRow("intent b\n    [day:[time:now]]\n", "line 2", "inside a slot")]
    [DataRow("intent b\n    [day now]\n", "line 2", "[name:words]")]
    [DataRow("intent b\n    (now)?\n", "line 2", "without words")]
    [DataRow("intent b\n    ? now\n", "line 2", "behind nothing")]
    [DataRow("intent b\n    now ...\n", "line 2", "no word")]
    [DataRow("    go\n", "line 1", "no definition")]
    [DataRow("go now\n", "line 1", "begins no definition")]
    [DataRow("intent a b\n    go\n", "line 1", "no name of an intent")]
    [DataRow("include ../rooms.grammar\n", "line 1", "same folder")]
    [DataRow("$a = x\n", "g.grammar", "no intent")]
    public void Wrong_lines_are_named(string text, string where, string what)
    {
        InputException e = Assert.ThrowsExactly<InputException>(() => Read(text));

        StringAssert.Contains(e.Message, where);
        StringAssert.Contains(e.Message, what);
    }

    [TestMethod]
    public void Grammars_that_grow_without_end_are_refused()
    {
        var text = new StringBuilder("$a0 = x y\n");
        for (int i = 1; i < 40; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"$a{i} = $a{i - 1} $a{i - 1}\n");
        }

        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => Read(text + "intent b\n    $a39\n")).Message, "words; at most");

        text = new StringBuilder("$a0 = x\n");
        for (int i = 1; i < 200; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"$a{i} = $a{i - 1}\n");
        }

        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => Read(text + "intent b\n    $a199\n")).Message, "deep");
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => Read("intent b\n    " + new string('(', 5000) + "x")).Message, "deep");
    }

    private static Grammar Read(string text) => GrammarReader.Read(
        "g.grammar", name => Encoding.UTF8.GetBytes(name == "rooms.grammar" ? "$room = kitchen | living room\n" : text));
}
