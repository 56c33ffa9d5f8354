using System.Numerics.Tensors;

namespace TinyInference.Converter.Training.Recurrent;

using TinyInference.Converter.Graphs;

/// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000): gates i, o, f, g; c' = f c + i g, h' = o tanh(c').</summary>
internal sealed class Lstm(IReadOnlyList<Parameter> parameters, GateForm form) : RecurrentCell(parameters, 4, form)
{
    public Lstm(string name, int inputs, int units, int seed, GateForm form = GateForm.Smooth)
        : this(Create(name, inputs, units, 4, seed), form)
    {
    }

    public override RecurrentCellKind Kind => RecurrentCellKind.Lstm;

    protected override void Step(
        ReadOnlySpan<float> fromInput, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, Span<float> gates, Span<float> cell, Span<float> after)
    {
        int g = 3 * Units;
        TensorPrimitives.Add(fromInput, fromState, gates);
        GateActivation.Sigmoid(Form, gates[..g]);
        GateActivation.Tanh(Form, gates[g..], gates[g..]);
        for (int u = 0; u < cell.Length; u++)
        {
            cell[u] = (gates[(2 * Units) + u] * cellBefore[u]) + (gates[u] * gates[g + u]);
        }

        GateActivation.Tanh(Form, cell, after);
        TensorPrimitives.Multiply(after, gates.Slice(Units, Units), after);
    }

    protected override void StepBack(
        ReadOnlySpan<float> gates, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, ReadOnlySpan<float> cell,
        ReadOnlySpan<float> dAfter, Span<float> dCell, Span<float> dInput, Span<float> dState, Span<float> dBefore)
    {
        Span<float> squashed = stackalloc float[Units];
        GateActivation.Tanh(Form, cell, squashed);
        for (int u = 0; u < Units; u++)
        {
            int o = Units + u;
            int f = (2 * Units) + u;
            int g = (3 * Units) + u;
            float d = dCell[u] + (dAfter[u] * gates[o] * GateActivation.TanhSlope(Form, squashed[u]));
            dState[u] = d * gates[g] * GateActivation.SigmoidSlope(Form, gates[u]);
            dState[o] = dAfter[u] * squashed[u] * GateActivation.SigmoidSlope(Form, gates[o]);
            dState[f] = d * cellBefore[u] * GateActivation.SigmoidSlope(Form, gates[f]);
            dState[g] = d * gates[u] * GateActivation.TanhSlope(Form, gates[g]);
            dCell[u] = d * gates[f];
        }

        dState.CopyTo(dInput);
    }
}
