namespace TinyInference.Converter.Language.Assignment;

/// <summary>Words matched to cells.</summary>
/// <param name="Cells">For each word; no cell twice.</param>
/// <param name="Cost">Summed over the words.</param>
/// <param name="LowerBound">No matching costs less: proven by the solver's prices (weak duality). Equal to the cost, but for rounding, where the solver is exact.</param>
internal sealed record Matching(int[] Cells, double Cost, double LowerBound);
