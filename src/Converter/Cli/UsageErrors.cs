using System.CommandLine;
using System.CommandLine.Parsing;

namespace TinyInference.Converter.Cli;

/// <summary>What is wrong with a command line, and what was probably meant.</summary>
internal static class UsageErrors
{
    public static void Write(ParseResult parse, Screen screen)
    {
        Command command = parse.CommandResult.Command;
        bool hasVerbs = command.Subcommands.Count > 0;
        foreach (string message in parse.UnmatchedTokens.Count > 0
            ? parse.UnmatchedTokens.Select(token => Unknown(token, command))
            : hasVerbs ? ["a verb is missing"]
            : parse.Errors.Select(Message).Distinct())
        {
            screen.Error(message);
        }

        screen.Note($"'{HelpScreen.FullName(command)} --help' shows {(hasVerbs ? "the verbs" : "how it is used")}");
    }

    private static string Unknown(string token, Command command)
    {
        bool isOption = token.StartsWith('-');
        IEnumerable<string> known = isOption
            ? command.Options.SelectMany(o => o.Aliases.Append(o.Name))
            : command.Subcommands.Select(c => c.Name);
        string what = isOption ? "option" : command.Subcommands.Count > 0 ? "verb" : "argument";
        string wrong = what == "argument" ? $"one argument too many: '{token}'" : $"there is no {what} '{token}'";
        return Nearest(token, known) is { } near ? $"{wrong}; did you mean '{near}'?" : wrong;
    }

    private static string Message(ParseError error) => error.SymbolResult switch
    {
        ArgumentResult { Tokens.Count: 0, Argument: var argument, Parent: CommandResult } => $"{argument.Name} is missing: {argument.Description}",
        _ => error.Message,
    };

    /// <summary>The candidate that takes the fewest edits, when that is at most a third of its letters (2 for short ones).</summary>
    private static string? Nearest(string token, IEnumerable<string> candidates) => candidates
        .Select(candidate => (candidate, distance: Distance(token, candidate)))
        .Where(pair => pair.distance <= Math.Max(2, pair.candidate.Length / 3) && pair.distance < pair.candidate.Length - 1)
        .OrderBy(pair => pair.distance)
        .Select(pair => pair.candidate)
        .FirstOrDefault();

    /// <summary>Levenshtein distance: insertions, deletions and replacements of one letter.</summary>
    private static int Distance(string a, string b)
    {
        int[] previous = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] current = new int[b.Length + 1];
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        return previous[b.Length];
    }
}
