namespace TinyInference.Converter.Estimation;

/// <summary>A basic block of the instrumented assembly.</summary>
/// <param name="Type">The full name of the type it belongs to.</param>
/// <param name="Instructions">What one pass through it executes.</param>
/// <param name="LibraryCalls">Methods of the base library that it calls and that are managed on the device.</param>
internal sealed record CountedBlock(string Type, InstructionCounts Instructions, IReadOnlyList<string> LibraryCalls);
