using TinyInference.Converter.Boards;
using TinyInference.Converter.Cli.Reports;

namespace TinyInference.Converter.Estimation;

/// <summary>What one operator is expected to take on a board, for each way that it can run.</summary>
/// <param name="Operator">Its kind.</param>
/// <param name="Macs">Multiplications.</param>
/// <param name="Instructions">Executed IL instructions of the managed kernel: counted, not modelled.</param>
/// <param name="Managed">Microseconds: the managed kernel.</param>
/// <param name="Generated">Microseconds: as generated C#.</param>
/// <param name="Native">Microseconds: the native kernel.</param>
internal sealed record TimeEstimate(string Operator, long Macs, long Instructions, double Managed, double Generated, double Native)
{
    /// <summary>The reference host's costs are of an interpreter built with -O3; firmware is built with -Os (docs/performance.md).</summary>
    private const double SizeOptimized = 1.7;

    /// <summary>Straight-line code with three output channels in each constant, on the reference host with -Os.</summary>
    private const double GeneratedNanosecondsPerMac = 7.4;

    /// <summary>Kernels without MACs: load, add, shift, clamp, store.</summary>
    private const double NativeInstructionsPerElement = 20;

    /// <param name="blob">A valid blob.</param>
    /// <param name="report">Of the same blob.</param>
    /// <param name="board">Where it is to run.</param>
    public static IReadOnlyList<TimeEstimate> Of(byte[] blob, NetworkReport report, Board board)
    {
        using var meter = new InstructionMeter();
        var model = Model.Load(blob);
        IReadOnlyList<InstructionCounts> counts = meter.Count(blob, InstructionMeter.RandomInput(model)).Operators;
        return [.. model.Operators.Select((op, i) => Of(op, report.Operators[i].Macs, counts[i], board.Speed))];
    }

    public static TimeEstimate Total(IReadOnlyList<TimeEstimate> all) =>
        new("total", all.Sum(e => e.Macs), all.Sum(e => e.Instructions), all.Sum(e => e.Managed), all.Sum(e => e.Generated), all.Sum(e => e.Native));

    /// <summary>Microseconds that the interpreter takes for some instructions.</summary>
    public static double ManagedMicroseconds(InstructionCounts counts, BoardSpeed speed) => counts.HostNanoseconds * SizeOptimized * speed.InterpreterSlowdown / 1000;

    private static TimeEstimate Of(Operator op, long macs, InstructionCounts counts, BoardSpeed speed)
    {
        double managed = ManagedMicroseconds(counts, speed);

        // Only what multiplies by weights is worth unrolling; the rest runs the managed kernel.
        double generated = op.WeightsLength > 0 && macs > 0 ? macs * GeneratedNanosecondsPerMac * speed.InterpreterSlowdown / 1000 : managed;
        double instructions = macs > 0 ? macs * NativeInstructionsPerMac(op) : op.Outputs.Sum(t => t.ElementCount) * NativeInstructionsPerElement;
        return new TimeEstimate(op.Kind.ToString(), macs, counts.Total, managed, Math.Min(managed, generated), instructions / speed.NativeMips);
    }

    /// <summary>What the C kernels must not exceed on rv32imc.</summary>
    private static double NativeInstructionsPerMac(Operator op) => op.Kind switch
    {
        OperatorKind.FullyConnected => 3.5,
        OperatorKind.Conv2D when op.Inputs[0].Dimensions[^1] * op.Outputs[0].Dimensions[^1] == op.WeightsLength => 4.5,
        OperatorKind.Conv2D when op.Inputs[0].Dimensions[^1] == 1 => 5.5,
        OperatorKind.Conv2D => 5.0,
        _ => 10,
    };
}
