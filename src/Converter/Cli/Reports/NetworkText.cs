using Spectre.Console;
using TinyInference.Converter.Planning.Patches;

namespace TinyInference.Converter.Cli.Reports;

/// <summary>A <see cref="NetworkReport"/> for people: operators as a table, RAM over time as bars.</summary>
internal static class NetworkText
{
    /// <summary>From this width on there is room for the names that the operators have in their file.</summary>
    private const int NamesFrom = 100;

    private const int LongestBar = 60;

    public static void Write(NetworkReport report, IAnsiConsole console)
    {
        console.MarkupLineInterpolated($"[bold]{report.File}[/]: {Title(report)}");
        WriteTensors(console, "input", report.Inputs);
        WriteTensors(console, "output", report.Outputs);
        if (report.InputPreparation is { Length: > 0 } preparation)
        {
            console.WriteLine($"prepared: {preparation}");
        }

        console.WriteLine();
        WriteOperators(report, console);
        if (report.Memory is { } memory)
        {
            console.WriteLine();
            WriteRam(report, memory, console);
        }

        console.WriteLine();
        WriteTotals(report, console);
    }

    private static string Title(NetworkReport report)
    {
        string task = report.Task is null ? "" : $", {report.Task}";
        string labels = report.Labels.Length == 0 ? "" : $" of {report.Labels.Length} classes";
        string name = report.Name.Length == 0 ? "" : $" '{report.Name}'";
        return $"{report.Format}{name}{task}{labels}";
    }

    private static void WriteTensors(IAnsiConsole console, string what, IReadOnlyList<TensorReport> tensors)
    {
        foreach (TensorReport t in tensors)
        {
            string scale = t.Scale is { } s ? $", scale {s:G6}, zero point {t.ZeroPoint}" : "";
            console.WriteLine($"{what}: {(t.Name.Length == 0 ? "" : t.Name + " ")}{Shape(t.Shape)} {t.Type}{scale}");
        }
    }

    private static void WriteOperators(NetworkReport report, IAnsiConsole console)
    {
        bool names = console.Profile.Width >= NamesFrom && report.Operators.Any(o => o.Name.Length > 0);
        Table table = Tables.Create()
            .AddColumn(Tables.Number("#")).AddColumn(Tables.Word("operator")).AddColumn(Tables.Text("output"))
            .AddColumn(Tables.Number("MACs")).AddColumn(Tables.Number("params")).AddColumn(Tables.Number("bytes"))
            .AddColumn(Tables.Word("weights"));
        if (names)
        {
            table.AddColumn(Tables.Text("name"));
        }

        for (int i = 0; i < report.Operators.Count; i++)
        {
            OperatorReport op = report.Operators[i];
            string[] cells = [$"{i}", op.Kind, Shape(op.OutputShape), Count(op.Macs), Count(op.Parameters), Count(op.WeightBytes), op.Encoding, op.Name];
            Tables.AddRow(table, names ? cells : cells[..^1]);
        }

        string[] totals = ["", "total", "", Count(report.Macs), Count(report.Parameters), Count(report.WeightBytes), "", ""];
        Tables.AddRow(table, names ? totals : totals[..^1]);
        console.Write(table);
    }

    private static void WriteRam(NetworkReport report, MemoryReport memory, IAnsiConsole console)
    {
        console.WriteLine("RAM in use while each operator runs, in bytes:");
        int peak = report.PeakOperator;
        int label = report.Operators.Max(o => o.Kind.Length);
        int figures = $"{memory.ActivationBytes:N0}".Length;
        int digits = $"{report.Operators.Count - 1}".Length;
        int bar = Math.Clamp(console.Profile.Width - digits - label - figures - "   <- peak ".Length - 2, 4, LongestBar);
        for (int i = 0; i < report.Operators.Count; i++)
        {
            int bytes = report.Operators[i].RamBytes ?? 0;
            string line = $"{i.ToString().PadLeft(digits)} {report.Operators[i].Kind.PadRight(label)} {$"{bytes:N0}".PadLeft(figures)} ";
            string bars = Bar(bytes, memory.ActivationBytes, bar);
            if (i == peak)
            {
                console.MarkupLineInterpolated($"{line}[yellow]{bars} <- peak[/]");
            }
            else
            {
                console.MarkupLineInterpolated($"{line}[blue]{bars}[/]");
            }
        }
    }

    private static void WriteTotals(NetworkReport report, IAnsiConsole console)
    {
        console.WriteLine($"MACs   {report.Macs:N0}, parameters {report.Parameters:N0}");
        if (report.BlobBytes is { } blob)
        {
            console.WriteLine($"blob   {blob:N0} bytes, of them weights {report.WeightBytes:N0}");
        }

        if (report.Memory is { } memory)
        {
            console.WriteLine($"arena  {memory.TotalBytes:N0} bytes: activations {memory.ActivationBytes:N0}, scratch {memory.ScratchBytes:N0}");
            WritePeak(report, console);
            WritePatches(report, console);
        }
    }

    /// <summary>One line for each group of operators that are layers in stripes.</summary>
    public static void WritePatches(NetworkReport report, IAnsiConsole console)
    {
        foreach (PatchedOperators p in report.Patches)
        {
            double share = (double)p.ExtraMacs / Math.Max(1, report.Macs - report.Patches.Sum(o => o.ExtraMacs));
            console.WriteLine($"patch  operators {p.First} to {p.First + p.Count - 1}: {p.Layers} layers in {p.Stripes} stripes of rows, {p.ExtraMacs:N0} more MACs ({share:P1})");
        }
    }

    /// <summary>One line: which operator needs most of the arena.</summary>
    public static void WritePeak(NetworkReport report, IAnsiConsole console)
    {
        if (report.PeakOperator >= 0)
        {
            OperatorReport op = report.Operators[report.PeakOperator];
            console.WriteLine($"peak   {op.RamBytes:N0} bytes in use in operator {report.PeakOperator}, {op.Kind}{(op.Name.Length == 0 ? "" : $" '{op.Name}'")}");
        }
    }

    /// <summary>A bar in eighths of a character.</summary>
    private static string Bar(int value, int most, int width)
    {
        const string Eighths = " ▏▎▍▌▋▊▉";
        int eighths = most == 0 ? 0 : (int)((long)value * width * 8 / most);
        string tail = eighths % 8 == 0 ? "" : Eighths[eighths % 8].ToString();
        return new string('█', eighths / 8) + tail;
    }

    private static string Shape(int[] shape) => new Graphs.Shape(shape).ToString();

    private static string Count(long value) => value == 0 ? "" : $"{value:N0}";
}
