using TinyInference.Converter.Commands;
using TinyInference.Converter.Commands.Grammars;
using TinyInference.Testing;

namespace Converter.Tests.Commands;

/// <summary>The grammars and sentences in samples/commands.</summary>
[TestClass]
public class CommandSamplesTest
{
    private static readonly string s_folder = Path.Combine(SharedFiles.Repository, "samples", "commands");

    private static Grammar[] Grammars => [.. new[] { "vacuum", "router", "other" }.Select(n => GrammarReader.Read(Path.Combine(s_folder, n + ".grammar")))];

    private static List<CommandExample> Paraphrases => ExampleReader.Read(Path.Combine(s_folder, "paraphrases.tsv"), null);

    /// <summary>Of the same writer.</summary>
    private static List<CommandExample> MadeParaphrases => ExampleReader.Read(Path.Combine(s_folder, "paraphrases-made.tsv"), null);

    [TestMethod]
    public void No_paraphrase_is_one_that_a_grammar_can_make()
    {
        Grammar[] grammars = Grammars;

        string[] made = [.. Paraphrases.Where(p => grammars.Any(g => g.Matches(p.Words))).Select(p => p.Text)];

        Assert.AreEqual(0, made.Length, string.Join("; ", made));
    }

    [TestMethod]
    public void What_is_said_to_be_made_by_a_grammar_is()
    {
        Grammar[] grammars = Grammars;

        string[] notMade = [.. MadeParaphrases.Where(p => !grammars.Any(g => g.Matches(p.Words))).Select(p => p.Text)];

        Assert.AreEqual(0, notMade.Length, string.Join("; ", notMade));
    }

    [TestMethod]
    public void There_are_at_least_200_paraphrases_of_all_intents()
    {
        List<CommandExample> paraphrases = [.. Paraphrases, .. MadeParaphrases];
        string[] intents = [.. Grammars.SelectMany(g => g.Intents).Where(i => i != CommandExample.Other).Order()];

        Assert.IsTrue(paraphrases.Count >= 200);
        CollectionAssert.AreEqual(intents, paraphrases.Select(p => p.Intent).Distinct().Order().ToArray());
        Assert.AreEqual(paraphrases.Count, paraphrases.Select(p => p.Text).Distinct().Count());
    }
}
