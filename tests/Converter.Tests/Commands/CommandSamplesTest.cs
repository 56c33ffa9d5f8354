using System.Text.RegularExpressions;
using TinyInference.Converter;
using TinyInference.Converter.Commands;
using TinyInference.Converter.Commands.Grammars;
using TinyInference.Testing;

namespace Converter.Tests.Commands;

/// <summary>The grammars, the sentences and the network in samples/commands, and what its README says of them.</summary>
[TestClass]
public partial class CommandSamplesTest
{
    private static readonly string s_folder = Path.Combine(SharedFiles.Repository, "samples", "commands");

    private static Grammar[] Grammars => [.. new[] { "vacuum", "router", "other" }.Select(n => GrammarReader.Read(Path.Combine(s_folder, n + ".grammar")))];

    /// <summary>Trained on.</summary>
    private static List<CommandExample> Spoken => ExampleReader.Read(Path.Combine(s_folder, "spoken.tsv"), null);

    /// <summary>Tested with.</summary>
    private static List<CommandExample> Paraphrases => ExampleReader.Read(Path.Combine(s_folder, "paraphrases.tsv"), null);

    [TestMethod]
    public void Sentences_and_grammars_have_the_intents_of_the_readme()
    {
        string[] intents = [.. SlotsOfIntents().Keys.Order(StringComparer.Ordinal)];

        CollectionAssert.AreEqual(intents, Grammars.SelectMany(g => g.Intents).Where(i => i != CommandExample.Other).Order(StringComparer.Ordinal).ToArray());
        CollectionAssert.AreEqual(intents, Spoken.Select(e => e.Intent).Where(i => i != CommandExample.Other).Distinct().Order(StringComparer.Ordinal).ToArray());
        CollectionAssert.AreEqual(intents, Paraphrases.Select(e => e.Intent).Distinct().Order(StringComparer.Ordinal).ToArray());
    }

    [TestMethod]
    public void Paraphrases_are_at_least_200_that_no_grammar_can_make_and_nothing_is_trained_on()
    {
        Grammar[] grammars = Grammars;
        HashSet<string> spoken = [.. Spoken.Select(Plain)];

        string[] known = [.. Paraphrases.Where(p => spoken.Contains(Plain(p)) || grammars.Any(g => g.Matches(p.Words))).Select(p => p.Text)];

        Assert.AreEqual(0, known.Length, string.Join("; ", known));
        Assert.IsTrue(Paraphrases.DistinctBy(Plain).Count() >= 200);
        Assert.AreEqual(Paraphrases.Count, Paraphrases.DistinctBy(Plain).Count());
    }

    [TestMethod]
    public void Marked_is_only_what_the_readme_gives_the_intent()
    {
        Dictionary<string, HashSet<string>> allowed = SlotsOfIntents();
        IEnumerable<CommandExample> made = Grammars.SelectMany(g => g.Intents.SelectMany(i => g.Generate(i, 150, new TinyInference.Converter.Data.SplitMix(11))));

        string[] wrong = [.. Spoken.Concat(Paraphrases).Concat(made)
            .Where(e => e.Slots.OfType<string>().Any(s => e.Intent == CommandExample.Other || !allowed[e.Intent].Contains(s)))
            .Select(e => e.Intent + ": " + e.Marked())];

        Assert.AreEqual(0, wrong.Length, string.Join("; ", wrong.Take(5)));
    }

    [TestMethod]
    [DataRow("please vacuum under the bed at nine", "vacuum_schedule", "area: under the bed, time: nine")]
    [DataRow("clean the kitchen after lunch", "vacuum_schedule", "room: kitchen, time: after lunch")]
    [DataRow("turn the guest network off", "guest_switch", "off: off")]
    [DataRow("vacuum my son's room", "vacuum_clean", "room: son's room")]
    public void The_sample_understands(string sentence, string intent, string slots)
    {
        var runner = new CommandRunner(TinyInference.Model.Load(File.ReadAllBytes(Path.Combine(s_folder, "commands.tinf"))), "sample");
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(sentence);

        CommandAnswer answer = runner.Answer(bytes);

        Assert.IsTrue(answer.IsUnderstood);
        Assert.AreEqual(intent, answer.Intent);
        Assert.AreEqual(slots, string.Join(", ", runner.Spans(bytes, answer).Select(s => $"{s.Slot}: {s.Words}")));
    }

    private static string Plain(CommandExample example) => string.Join(' ', example.Words);

    /// <summary>The rows of the tables of intents: name, meaning, slots.</summary>
    private static Dictionary<string, HashSet<string>> SlotsOfIntents() => File.ReadAllLines(Path.Combine(s_folder, "README.md"))
        .Select(l => IntentRow().Match(l))
        .Where(m => m.Success)
        .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet());

    [GeneratedRegex(@"^\| `(\w+)` \|[^|]*\|([a-z, ]*)\|$")]
    private static partial Regex IntentRow();
}
