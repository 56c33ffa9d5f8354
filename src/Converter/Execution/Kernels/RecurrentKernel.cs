using System.Numerics.Tensors;
using TinyInference.Converter.Numerics;
using TinyInference.Converter.Training.Recurrent;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>SimpleRnn, Gru and Lstm over sequences side by side, from a state of 0.</summary>
internal static class RecurrentKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        Check.Reals(node);
        var cell = (Recurrent)node.Operator;
        Shape x = Check.Rank(node, 0, 3);
        Shape recurrent = Check.Rank(node, 2, 2);
        (int width, int units) = (recurrent[0], recurrent[1]);
        Check.That(node, width == cell.Gates * units && node.Input(1).Shape.Equals(new Shape(width, x[2])), $"weights {node.Input(1).Shape} and {recurrent} for input {x}");
        Check.Output(node, x[0], x[1], units);
        (int batch, int steps) = cell.TimeMajor ? (x[1], x[0]) : (x[0], x[1]);
        PackedMatrix? packed = constants[2] is { } constant ? new PackedMatrix(transposed: true, width, units, constant.Floats, units) : null;
        return (inputs, output) =>
        {
            var run = new float[x[0] * x[1] * width];
            Activation.FillBias(Bias(inputs, 3), run);
            Gemm.Multiply(false, true, x[0] * x[1], width, x[2], inputs[0]!.Floats, x[2], inputs[1]!.Floats, x[2], run, width, accumulate: true);
            PackedMatrix weights = packed ?? new PackedMatrix(transposed: true, width, units, inputs[2]!.Floats, units);
            Span<float> stateBias = Bias(inputs, 4);
            var state = new float[units];
            var inner = new float[units];
            var fromState = new float[width];
            var reset = new float[units];
            for (int n = 0; n < batch; n++)
            {
                Array.Clear(state);
                Array.Clear(inner);
                for (int t = 0; t < steps; t++)
                {
                    int at = cell.TimeMajor ? (t * batch) + n : (n * steps) + t;
                    Activation.FillBias(stateBias, fromState);
                    Gemm.Multiply(false, 1, state, units, weights, fromState, width, accumulate: true);
                    Span<float> gates = run.AsSpan(at * width, width);
                    Open(cell, gates, fromState, units);
                    if (cell.ResetsBefore)
                    {
                        TensorPrimitives.Multiply(gates.Slice(units, units), state, reset);
                        Activation.FillBias(stateBias, fromState);
                        Gemm.Multiply(false, 1, reset, units, weights, fromState, width, accumulate: true);
                    }

                    Step(cell, gates, fromState, state, inner);
                    state.CopyTo(output.Floats, at * units);
                }
            }
        };
    }

    private static Span<float> Bias(Tensor?[] inputs, int index) => index < inputs.Length && inputs[index] is { } bias ? bias.Floats : [];

    /// <summary>Adds what the state gives to all gates but the candidates of a gated unit, and applies the sigmoid to those that have one.</summary>
    private static void Open(Recurrent cell, Span<float> gates, ReadOnlySpan<float> fromState, int units)
    {
        int candidates = gates.Length - units;
        int added = cell.Cell == RecurrentCellKind.Gru ? candidates : gates.Length;
        TensorPrimitives.Add(gates[..added], fromState[..added], gates);
        if (candidates > 0)
        {
            GateActivation.Sigmoid(cell.Form, gates[..candidates]);
        }
    }

    /// <param name="gates">After <see cref="Open"/>; overwritten.</param>
    /// <param name="fromState">What the state gives.</param>
    /// <param name="state">The state before, then that after.</param>
    /// <param name="inner">The LSTM's cell state, likewise.</param>
    private static void Step(Recurrent cell, Span<float> gates, Span<float> fromState, Span<float> state, Span<float> inner)
    {
        int units = state.Length;
        int gate = (cell.Gates - 1) * units;
        Span<float> candidate = gates[gate..];
        if (cell.ResetsBefore)
        {
            TensorPrimitives.Add(candidate, fromState[gate..], candidate);
        }
        else if (cell.Cell == RecurrentCellKind.Gru)
        {
            TensorPrimitives.MultiplyAdd(gates.Slice(units, units), fromState[gate..], candidate, candidate);
        }

        GateActivation.Tanh(cell.Form, candidate, candidate);
        switch (cell.Cell)
        {
            case RecurrentCellKind.SimpleRnn:
                candidate.CopyTo(state);
                break;
            case RecurrentCellKind.Gru:
                for (int u = 0; u < units; u++)
                {
                    state[u] = candidate[u] + (gates[u] * (state[u] - candidate[u]));
                }

                break;
            default:
                for (int u = 0; u < units; u++)
                {
                    float c = (gates[(2 * units) + u] * inner[u]) + (gates[u] * candidate[u]);
                    inner[u] = cell.CellClip > 0 ? Math.Clamp(c, -cell.CellClip, cell.CellClip) : c;
                }

                GateActivation.Tanh(cell.Form, inner, state);
                for (int u = 0; u < units; u++)
                {
                    state[u] *= gates[units + u];
                }

                break;
        }
    }
}
