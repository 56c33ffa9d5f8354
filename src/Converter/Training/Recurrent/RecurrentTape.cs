namespace TinyInference.Converter.Training.Recurrent;

/// <summary>What a cell remembers of a sequence of T steps, to go back through it.</summary>
/// <param name="Inputs">[T, inputs].</param>
/// <param name="Gates">After their activations, [T, gates * units].</param>
/// <param name="FromState">What the state's weights gave before each step, [T, gates * units].</param>
/// <param name="Cells">The inner state after each step, [T, units]; of cells that have none, zeros.</param>
/// <param name="States">The state before the first step and after each, [T + 1, units].</param>
internal sealed record RecurrentTape(int Steps, float[] Inputs, float[] Gates, float[] FromState, float[] Cells, float[] States);
