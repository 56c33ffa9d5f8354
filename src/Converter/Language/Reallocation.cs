using System.Numerics.Tensors;
using TinyInference.Converter.Language.Assignment;

namespace TinyInference.Converter.Language;

/// <summary>Moves words to the cells where the summed loss is the least (arXiv 1610.09893, section 3.2).</summary>
internal static class Reallocation
{
    /// <summary>
    /// The loss of each word in each row and each column: summed over its occurrences, what the network with the present table gives the rows before the
    /// word, and the columns after its present row (equations 6 and 7).
    /// </summary>
    public static CellCosts Costs(LanguageTrainer trainer, WordPlacement placement, IReadOnlyList<int[]> sentences, CancellationToken cancellation)
    {
        CellCosts[] parts = [.. Enumerable.Range(0, LanguageTrainer.Parts).Select(_ => new CellCosts(placement.Words, placement.Side))];
        trainer.Predict(
            sentences,
            (part, step, p) =>
            {
                CellCosts costs = parts[part];
                float[] losses = step.Head == TwoComponentCoding.RowHead ? costs.Rows : costs.Columns;
                Span<float> line = losses.AsSpan(step.Word * placement.Side, placement.Side);
                TensorPrimitives.Subtract(line, p.Span, line);
            },
            cancellation);
        foreach (CellCosts part in parts.Skip(1))
        {
            TensorPrimitives.Add(parts[0].Rows, part.Rows, parts[0].Rows);
            TensorPrimitives.Add(parts[0].Columns, part.Columns, parts[0].Columns);
        }

        return parts[0];
    }
}
