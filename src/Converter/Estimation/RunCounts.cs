namespace TinyInference.Converter.Estimation;

/// <summary>What one inference executes.</summary>
/// <param name="Operators">For each operator of the model, in order.</param>
/// <param name="Session">What Session.Run itself executes to call them.</param>
/// <param name="LibraryCalls">Methods of the base library that were called and whose instructions on the device are not known: none, if the counts are to be trusted.</param>
/// <param name="Arena">All activations after the run.</param>
internal sealed record RunCounts(IReadOnlyList<InstructionCounts> Operators, InstructionCounts Session, IReadOnlyList<string> LibraryCalls, sbyte[] Arena)
{
    public InstructionCounts Total => InstructionCounts.Sum([.. Operators, Session]);
}
