using System.Numerics.Tensors;

namespace TinyInference.Converter.Training.Recurrent;

using TinyInference.Converter.Graphs;

/// <summary>
/// Gated recurrent unit (arXiv 1406.1078) with the reset after the state's product (ONNX linear_before_reset = 1): gates z, r, n;
/// n = tanh(Wx + r (R h + b)), h' = (1 - z) n + z h.
/// </summary>
internal sealed class Gru(IReadOnlyList<Parameter> parameters, GateForm form) : RecurrentCell(parameters, 3, form)
{
    public Gru(string name, int inputs, int units, int seed, GateForm form = GateForm.Smooth)
        : this(Create(name, inputs, units, 3, seed), form)
    {
    }

    public override RecurrentCellKind Kind => RecurrentCellKind.Gru;

    protected override void Step(
        ReadOnlySpan<float> fromInput, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, Span<float> gates, Span<float> cell, Span<float> after)
    {
        int n = 2 * Units;
        Span<float> candidate = gates[n..];
        TensorPrimitives.Add(fromInput[..n], fromState[..n], gates);
        GateActivation.Sigmoid(Form, gates[..n]);
        TensorPrimitives.MultiplyAdd(gates[Units..n], fromState[n..], fromInput[n..], candidate);
        GateActivation.Tanh(Form, candidate, candidate);
        for (int u = 0; u < after.Length; u++)
        {
            after[u] = candidate[u] + (gates[u] * (before[u] - candidate[u]));
        }
    }

    protected override void StepBack(
        ReadOnlySpan<float> gates, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, ReadOnlySpan<float> cell,
        ReadOnlySpan<float> dAfter, Span<float> dCell, Span<float> dInput, Span<float> dState, Span<float> dBefore)
    {
        for (int u = 0; u < Units; u++)
        {
            int r = Units + u;
            int n = (2 * Units) + u;
            (float z, float reset, float candidate) = (gates[u], gates[r], gates[n]);
            float dCandidate = dAfter[u] * (1 - z) * GateActivation.TanhSlope(Form, candidate);
            float dReset = dCandidate * fromState[n] * GateActivation.SigmoidSlope(Form, reset);
            float dUpdate = dAfter[u] * (before[u] - candidate) * GateActivation.SigmoidSlope(Form, z);
            (dInput[u], dInput[r], dInput[n]) = (dUpdate, dReset, dCandidate);
            (dState[u], dState[r], dState[n]) = (dUpdate, dReset, dCandidate * reset);
            dBefore[u] += dAfter[u] * z;
        }
    }
}
