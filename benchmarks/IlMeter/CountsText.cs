using Spectre.Console;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Estimation;

namespace TinyInference.IlMeter;

/// <summary><see cref="NetworkCounts"/> for people.</summary>
internal static class CountsText
{
    private static readonly Dictionary<InstructionClass, string> s_words = new()
    {
        [InstructionClass.Simple] = "simple",
        [InstructionClass.MulDiv] = "mul, div, rem",
        [InstructionClass.Conversion] = "conversion",
        [InstructionClass.Branch] = "branch",
        [InstructionClass.ArrayLoad] = "array load",
        [InstructionClass.ArrayStore] = "array store",
        [InstructionClass.Field] = "field",
        [InstructionClass.Static] = "static field",
        [InstructionClass.CallStatic] = "call static",
        [InstructionClass.CallInstance] = "call instance",
        [InstructionClass.CallVirtual] = "call virtual",
        [InstructionClass.CallInterface] = "call interface",
        [InstructionClass.CallNative] = "call native",
        [InstructionClass.CallLibrary] = "call library",
        [InstructionClass.Allocation] = "allocation",
    };

    public static string Word(InstructionClass kind) => s_words[kind];

    public static void Write(NetworkCounts network, IAnsiConsole console)
    {
        console.MarkupLineInterpolated($"[bold]{network.Name}[/]: executed IL instructions of one inference");
        console.WriteLine();
        WriteOperators(network, console);
        console.WriteLine();
        WriteClasses(network.Total, console);
        console.WriteLine();
        console.WriteLine($"IL per MAC  {PerMac(network.Total.Total, network.Macs)}: {network.Total.Total:N0} instructions, {network.Macs:N0} MACs");
        console.WriteLine($"estimate    {Milliseconds(network.Total)} ms on the reference host (nanoCLR -O3 on x86-64), not on a board: a board is slower by its own factor");
        foreach (string method in network.LibraryCalls)
        {
            console.MarkupLineInterpolated($"[yellow]not counted[/] what {method} executes on the device");
        }
    }

    public static string PerMac(long instructions, long macs) => macs == 0 ? "" : $"{(double)instructions / macs:F2}";

    public static string Milliseconds(InstructionCounts counts) => $"{counts.HostNanoseconds / 1e6:F3}";

    public static string Share(double part, double whole) => whole == 0 ? "" : $"{100 * part / whole:F1} %";

    private static void WriteOperators(NetworkCounts network, IAnsiConsole console)
    {
        Table table = Tables.Create()
            .AddColumn(Tables.Number("#")).AddColumn(Tables.Text("operator")).AddColumn(Tables.Number("MACs")).AddColumn(Tables.Number("IL"))
            .AddColumn(Tables.Number("IL/MAC")).AddColumn(Tables.Number("share")).AddColumn(Tables.Number("host ms")).AddColumn(Tables.Text("name"));
        foreach (OperatorCounts op in network.Operators)
        {
            Tables.AddRow(table, Row($"{op.Index}", op.Kind, op.Macs, op.Counts, network.Total, op.Name));
        }

        Tables.AddRow(table, Row("", "total", network.Macs, network.Total, network.Total, ""));
        console.Write(table);
    }

    private static string[] Row(string number, string kind, long macs, InstructionCounts counts, InstructionCounts total, string name) =>
        [number, kind, macs == 0 ? "" : $"{macs:N0}", $"{counts.Total:N0}", PerMac(counts.Total, macs), Share(counts.Total, total.Total), Milliseconds(counts), name];

    private static void WriteClasses(InstructionCounts total, IAnsiConsole console)
    {
        Table table = Tables.Create()
            .AddColumn(Tables.Text("class")).AddColumn(Tables.Number("IL")).AddColumn(Tables.Number("share"))
            .AddColumn(Tables.Number("host ns each")).AddColumn(Tables.Number("share of time"));
        foreach (InstructionClass kind in Enum.GetValues<InstructionClass>().Where(k => total[k] != 0))
        {
            double nanoseconds = HostCosts.Nanoseconds(kind);
            Tables.AddRow(
                table, Word(kind), $"{total[kind]:N0}", Share(total[kind], total.Total), $"{nanoseconds:F1}", Share(total[kind] * nanoseconds, total.HostNanoseconds));
        }

        console.Write(table);
    }
}
