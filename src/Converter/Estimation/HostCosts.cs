namespace TinyInference.Converter.Estimation;

/// <summary>
/// What one instruction of each class takes on the reference host: measured on nanoCLR (nf-interpreter main of July 2026, POSIX build,
/// 32 bits, -O3) on an x86-64 machine; docs/performance.md has the measurements. Use ratios between networks and kernels: a board is
/// slower by a factor of its own.
/// </summary>
internal static class HostCosts
{
    /// <summary>Classes without a measurement of their own (products, conversions, branches) cost as any simple instruction: with that, the loops measured come out right within 10 %.</summary>
    private const double Simple = 2.2;

    /// <summary>The middle of the range measured where there is one.</summary>
    public static double Nanoseconds(InstructionClass kind) => kind switch
    {
        InstructionClass.ArrayLoad => 7,
        InstructionClass.ArrayStore => 13,
        InstructionClass.Field or InstructionClass.Static => 7,
        InstructionClass.CallStatic => 30,
        InstructionClass.CallInstance => 39,
        InstructionClass.CallVirtual => 43,
        InstructionClass.CallInterface => 64,
        InstructionClass.CallNative => 117,
        // At least the call; what the method executes is not known.
        InstructionClass.CallLibrary => 43,
        InstructionClass.Allocation => 96,
        _ => Simple,
    };
}
