namespace TinyInference.Converter.Training.Recurrent;

/// <summary>h' = tanh(W x + R h + b).</summary>
internal sealed class SimpleRnn(string name, int inputs, int units, int seed) : RecurrentCell(name, inputs, units, 1, seed)
{
    protected override void Step(
        ReadOnlySpan<float> fromInput, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, Span<float> gates, Span<float> cell, Span<float> after)
    {
        for (int u = 0; u < Units; u++)
        {
            after[u] = gates[u] = MathF.Tanh(fromInput[u] + fromState[u]);
        }
    }

    protected override void StepBack(
        ReadOnlySpan<float> gates, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, ReadOnlySpan<float> cell,
        ReadOnlySpan<float> dAfter, Span<float> dCell, Span<float> dInput, Span<float> dState, Span<float> dBefore)
    {
        for (int u = 0; u < Units; u++)
        {
            dInput[u] = dState[u] = dAfter[u] * (1 - (gates[u] * gates[u]));
        }
    }
}
