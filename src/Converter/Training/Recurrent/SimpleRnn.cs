using System.Numerics.Tensors;

namespace TinyInference.Converter.Training.Recurrent;

using TinyInference.Converter.Graphs;

/// <summary>h' = tanh(W x + R h + b).</summary>
internal sealed class SimpleRnn(IReadOnlyList<Parameter> parameters, GateForm form) : RecurrentCell(parameters, 1, form)
{
    public SimpleRnn(string name, int inputs, int units, int seed, GateForm form = GateForm.Smooth)
        : this(Create(name, inputs, units, 1, seed), form)
    {
    }

    public override RecurrentCellKind Kind => RecurrentCellKind.SimpleRnn;

    protected override void Step(
        ReadOnlySpan<float> fromInput, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, Span<float> gates, Span<float> cell, Span<float> after)
    {
        TensorPrimitives.Add(fromInput, fromState, gates);
        GateActivation.Tanh(Form, gates, gates);
        gates.CopyTo(after);
    }

    protected override void StepBack(
        ReadOnlySpan<float> gates, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, ReadOnlySpan<float> cell,
        ReadOnlySpan<float> dAfter, Span<float> dCell, Span<float> dInput, Span<float> dState, Span<float> dBefore)
    {
        for (int u = 0; u < Units; u++)
        {
            dInput[u] = dState[u] = dAfter[u] * GateActivation.TanhSlope(Form, gates[u]);
        }
    }
}
