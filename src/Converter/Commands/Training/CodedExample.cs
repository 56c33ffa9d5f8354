namespace TinyInference.Converter.Commands.Training;

/// <summary>An example in numbers.</summary>
/// <param name="Words">Numbers of the vocabulary.</param>
/// <param name="Slots">For each word its class, 0 for none.</param>
internal sealed record CodedExample(int Intent, int[] Words, int[] Slots);
