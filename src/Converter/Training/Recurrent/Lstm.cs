namespace TinyInference.Converter.Training.Recurrent;

/// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000): gates i, o, f, g; c' = f c + i g, h' = o tanh(c').</summary>
internal sealed class Lstm(string name, int inputs, int units, int seed) : RecurrentCell(name, inputs, units, 4, seed)
{
    protected override void Step(
        ReadOnlySpan<float> fromInput, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, Span<float> gates, Span<float> cell, Span<float> after)
    {
        for (int u = 0; u < Units; u++)
        {
            int o = Units + u;
            int f = (2 * Units) + u;
            int g = (3 * Units) + u;
            gates[u] = Sigmoid(fromInput[u] + fromState[u]);
            gates[o] = Sigmoid(fromInput[o] + fromState[o]);
            gates[f] = Sigmoid(fromInput[f] + fromState[f]);
            gates[g] = MathF.Tanh(fromInput[g] + fromState[g]);
            cell[u] = (gates[f] * cellBefore[u]) + (gates[u] * gates[g]);
            after[u] = gates[o] * MathF.Tanh(cell[u]);
        }
    }

    protected override void StepBack(
        ReadOnlySpan<float> gates, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, ReadOnlySpan<float> cell,
        ReadOnlySpan<float> dAfter, Span<float> dCell, Span<float> dInput, Span<float> dState, Span<float> dBefore)
    {
        for (int u = 0; u < Units; u++)
        {
            int o = Units + u;
            int f = (2 * Units) + u;
            int g = (3 * Units) + u;
            float squashed = MathF.Tanh(cell[u]);
            float d = dCell[u] + (dAfter[u] * gates[o] * (1 - (squashed * squashed)));
            dState[u] = d * gates[g] * gates[u] * (1 - gates[u]);
            dState[o] = dAfter[u] * squashed * gates[o] * (1 - gates[o]);
            dState[f] = d * cellBefore[u] * gates[f] * (1 - gates[f]);
            dState[g] = d * gates[u] * (1 - (gates[g] * gates[g]));
            dCell[u] = d * gates[f];
        }

        dState.CopyTo(dInput);
    }
}
