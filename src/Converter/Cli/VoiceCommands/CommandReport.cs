using Spectre.Console;
using TinyInference.Converter.Commands;

namespace TinyInference.Converter.Cli.VoiceCommands;

/// <summary>How good answers are, as tables.</summary>
internal static class CommandReport
{
    /// <summary>Confusions that are shown.</summary>
    private const int MostConfusions = 12;

    public static CommandScores Score(IReadOnlyList<CommandExample> examples, IReadOnlyList<CommandAnswer> answers)
    {
        var scores = new CommandScores();
        for (int i = 0; i < examples.Count; i++)
        {
            scores.Add(examples[i], answers[i]);
        }

        return scores;
    }

    public static void Write(Screen screen, IReadOnlyList<(string Name, CommandScores Scores)> all)
    {
        Table table = Tables.Create();
        table.AddColumn(Tables.Text(""));
        foreach (string header in new[] { "sentences", "intents %", "slots F1 %", "all right %", "accepted %", "others", "taken %" })
        {
            table.AddColumn(Tables.Number(header));
        }

        foreach ((string name, CommandScores scores) in all)
        {
            Tables.AddRow(
                table, name, $"{scores.Commands + scores.Others:N0}", $"{100 * scores.IntentShare:F2}", $"{100 * scores.SlotScore:F2}", Share(scores.RightSentences, scores.Commands),
                Share(scores.Accepted, scores.Commands), $"{scores.Others:N0}", Share(scores.Taken, scores.Others));
        }

        screen.Results.Write(table);
    }

    public static void WriteConfusions(Screen screen, CommandScores scores)
    {
        Table table = Tables.Create();
        table.AddColumn(Tables.Word("intent"));
        table.AddColumn(Tables.Word("taken for"));
        table.AddColumn(Tables.Number("times"));
        foreach ((string wanted, string answered, int count) in scores.Confusions.Take(MostConfusions))
        {
            Tables.AddRow(table, wanted, answered, $"{count:N0}");
        }

        if (scores.Confusions.Any())
        {
            screen.Results.WriteLine();
            screen.Results.Write(table);
        }
    }

    private static string Share(int part, int all) => all == 0 ? "-" : $"{100.0 * part / all:F2}";
}
