using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Spectre.Console;

namespace TinyInference.Converter.Cli;

/// <summary>One screen of help: usage, what it does, arguments, options, an example.</summary>
internal static class HelpScreen
{
    private const int Widest = 100;
    private const int Indent = 2;

    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<Command, string> s_examples = [];

    /// <summary>The command line that the help of <paramref name="command"/> ends with, without the tool's name.</summary>
    public static T WithExample<T>(this T command, string example)
        where T : Command
    {
        s_examples.Add(command, example);
        return command;
    }

    /// <summary>Makes -h and --help of <paramref name="command"/>, and of the verbs inside it, show this screen on standard output.</summary>
    public static void SetHelp(this Command command, Screen screen)
    {
        foreach (Command inner in command.Subcommands)
        {
            inner.SetHelp(screen);
        }

        foreach (HelpOption preset in command.Options.OfType<HelpOption>().ToList())
        {
            command.Options.Remove(preset);
        }

        command.Add(new HelpOption("--help", "-h") { Description = "show this help", Action = new ShowAction(command, screen) });
    }

    public static void Write(Command command, IAnsiConsole console)
    {
        bool isRoot = command is RootCommand;
        string name = FullName(command);
        int width = Math.Min(console.Profile.Width, Widest);
        WriteWrapped(console, "usage: ", 0, Usage(command, name), width);
        console.WriteLine();
        WriteWrapped(console, "", 0, command.Description ?? "", width);
        WriteList(console, "verbs", [.. command.Subcommands.Select(v => (v.Name, Gist(v.Description ?? "")))], width);
        WriteList(console, "arguments", [.. command.Arguments.Select(a => (a.Name, a.Description ?? ""))], width);
        WriteList(console, "options", [.. command.Options.Where(o => !o.Hidden).Select(o => (Label(o), o.Description ?? ""))], width);
        console.WriteLine();
        if (isRoot)
        {
            WriteWrapped(console, "", 0, $"'{Tool.Name} VERB --help' says more about a verb.", width);
        }
        else if (s_examples.TryGetValue(command, out string? example))
        {
            console.WriteLine("example:");
            WriteWrapped(console, "  ", Indent, $"{Tool.Name} {example}", width);
        }
    }

    private static string Usage(Command command, string name)
    {
        if (command.Subcommands.Count > 0)
        {
            return name + " VERB [options]";
        }

        IEnumerable<string> required = command.Options.Where(o => o.Required).Select(o => $"{ShortName(o)} {o.HelpName}");
        return string.Join(' ', [name, .. command.Arguments.Select(a => a.Name), .. required, "[options]"]);
    }

    /// <summary>With the verbs that it is inside of.</summary>
    public static string FullName(Command command) =>
        command is RootCommand ? Tool.Name : command.Parents.OfType<Command>().FirstOrDefault() is { } outer ? $"{FullName(outer)} {command.Name}" : $"{Tool.Name} {command.Name}";

    private static string Gist(string text) => text.Split(". ")[0].Split(": ")[0].TrimEnd('.');

    private static string ShortName(Option option) => option.Aliases.Append(option.Name).MinBy(n => n.Length)!;

    private static string Label(Option option)
    {
        string names = string.Join(", ", option.Aliases.Append(option.Name).Distinct().OrderBy(n => n.Length));
        return option.HelpName is null ? names : $"{names} {option.HelpName}";
    }

    private static void WriteList(IAnsiConsole console, string title, List<(string Label, string Text)> rows, int width)
    {
        if (rows.Count == 0)
        {
            return;
        }

        console.WriteLine();
        console.WriteLine(title + ":");
        int column = Indent + Math.Min(rows.Max(r => r.Label.Length), width / 3) + 2;
        foreach ((string label, string text) in rows)
        {
            string start = new string(' ', Indent) + label;
            if (start.Length + 2 > column)
            {
                console.WriteLine(start);
                start = "";
            }

            WriteWrapped(console, start.PadRight(column), column, text, width);
        }
    }

    /// <summary>Words of <paramref name="text"/> after <paramref name="start"/>; further lines begin at <paramref name="column"/>.</summary>
    private static void WriteWrapped(IAnsiConsole console, string start, int column, string text, int width)
    {
        string line = start;
        bool empty = true;
        foreach (string word in text.Split(' '))
        {
            if (!empty && line.Length + 1 + word.Length > width)
            {
                console.WriteLine(line.TrimEnd());
                line = new string(' ', column);
                empty = true;
            }

            line += empty ? word : " " + word;
            empty = false;
        }

        console.WriteLine(line.TrimEnd());
    }

    private sealed class ShowAction(Command command, Screen screen) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            Write(command, screen.Results);
            return ExitCode.Done;
        }
    }
}
