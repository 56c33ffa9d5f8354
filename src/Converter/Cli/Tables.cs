using Spectre.Console;

namespace TinyInference.Converter.Cli;

/// <summary>The look of all tables: columns apart by spaces, which fits narrow terminals and pipes alike.</summary>
internal static class Tables
{
    public static Table Create() => new() { Border = TableBorder.None };

    public static TableColumn Text(string header) => new($"[bold]{Markup.Escape(header)}[/]");

    /// <summary>A short word that stays on one line.</summary>
    public static TableColumn Word(string header) => Text(header).NoWrap();

    public static TableColumn Number(string header) => Text(header).RightAligned().NoWrap();

    /// <summary>A row of plain texts: brackets in them are no markup.</summary>
    public static void AddRow(Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(c => new Spectre.Console.Text(c)));
}
