using Spectre.Console;

namespace TinyInference.Converter.Cli.Reports;

/// <summary>What became of a model, in a few lines.</summary>
internal static class ConversionText
{
    /// <param name="report">Of the blob.</param>
    /// <param name="model">The model's file.</param>
    /// <param name="modelBytes">Its length.</param>
    /// <param name="samples">Samples that it was calibrated with; null without.</param>
    /// <param name="console">Where to.</param>
    public static void Write(NetworkReport report, string model, long modelBytes, int? samples, IAnsiConsole console)
    {
        MemoryReport memory = report.Memory!;
        console.MarkupLineInterpolated($"[bold]{report.File}[/] from {model}{(samples is null ? "" : $", calibrated with {samples:N0} samples")}");
        console.WriteLine($"size   {modelBytes:N0} -> {report.BlobBytes:N0} bytes ({(double)report.BlobBytes!.Value / modelBytes:P0}), of them weights {report.WeightBytes:N0}");
        console.WriteLine($"work   {report.Operators.Count} operators, {report.Macs:N0} MACs, {report.Parameters:N0} parameters");
        console.WriteLine($"RAM    {memory.TotalBytes:N0} bytes: activations {memory.ActivationBytes:N0}, scratch {memory.ScratchBytes:N0}");
        NetworkText.WritePeak(report, console);
        NetworkText.WritePatches(report, console);
    }
}
