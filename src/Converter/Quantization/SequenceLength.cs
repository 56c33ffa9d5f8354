namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>
/// The same recurrent network for sequences of another length: it is calibrated on whole sequences and runs step by step, with its state carried over from
/// call to call.
/// </summary>
internal static class SequenceLength
{
    /// <param name="graph">Of layers that treat each step of a sequence alike: every activation is [1, steps, ...]. Left as it is.</param>
    /// <returns>A copy whose activations are [1, <paramref name="steps"/>, ...].</returns>
    /// <exception cref="InputException">A layer does not treat the steps alike.</exception>
    public static Graph Change(Graph graph, int steps)
    {
        Graph result = graph.Clone();
        foreach (Value value in result.Values().Where(v => !v.IsConstant))
        {
            if (value.Shape.Rank < 2 || value.Shape[0] != 1 || value.Shape[1] != graph.Inputs[0].Shape[1])
            {
                throw new InputException($"'{value.Name}' has the shape {value.Shape}; only a network whose tensors are [1, steps, ...] throughout can have another number of steps");
            }

            value.Shape = value.Shape.With(1, steps);
        }

        GraphValidator.Validate(result);
        return result;
    }
}
