using TinyInference.Converter.Numerics;
using TinyInference.Converter.Training.Layers;

namespace TinyInference.Converter.Training.Recurrent;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>
/// A recurrent layer with its gradients: forward over a sequence, and backward through time. The state before the first step is 0. Weights and
/// their gates are ordered as ONNX has them. One sequence at a time; gradients are added to <see cref="Parameter.Gradient"/>.
/// </summary>
internal abstract class RecurrentCell
{
    private readonly int _gates;

    protected RecurrentCell(string name, int inputs, int units, int gates, int seed)
    {
        Inputs = inputs;
        Units = units;
        _gates = gates;
        var random = new Random(seed);
        InputWeights = Create($"{name}.W", random, inputs, gates * units, inputs);
        StateWeights = Create($"{name}.R", random, units, gates * units, units);
        InputBias = Create($"{name}.Wb", null, 1, gates * units);
        StateBias = Create($"{name}.Rb", null, 1, gates * units);
    }

    /// <summary>Numbers in a step of the sequence.</summary>
    public int Inputs { get; }

    /// <summary>Numbers in the state.</summary>
    public int Units { get; }

    /// <summary>[gates * units, inputs].</summary>
    public Parameter InputWeights { get; }

    /// <summary>[gates * units, units].</summary>
    public Parameter StateWeights { get; }

    /// <summary>[gates * units].</summary>
    public Parameter InputBias { get; }

    /// <summary>[gates * units]; added to what the state's weights give.</summary>
    public Parameter StateBias { get; }

    public IReadOnlyList<Parameter> Parameters => [InputWeights, StateWeights, InputBias, StateBias];

    private int Width => _gates * Units;

    /// <summary>Runs over a sequence.</summary>
    /// <param name="x">[steps, inputs].</param>
    /// <param name="states">The state after each step, [steps, units].</param>
    public RecurrentTape Forward(ReadOnlySpan<float> x, int steps, Span<float> states)
    {
        var tape = new RecurrentTape(steps, x[..(steps * Inputs)].ToArray(), new float[steps * Width], new float[steps * Width], new float[steps * Units], new float[(steps + 1) * Units]);
        float[] fromInput = new float[steps * Width];
        Bias.Fill(fromInput, InputBias.Data);
        Gemm.Multiply(false, true, steps, Width, Inputs, x, Inputs, InputWeights.Data, Inputs, fromInput, Width, true);
        var weights = new PackedMatrix(true, Width, Units, StateWeights.Data, Units);
        for (int t = 0; t < steps; t++)
        {
            Span<float> fromState = tape.FromState.AsSpan(t * Width, Width);
            StateBias.Data.CopyTo(fromState);
            Gemm.Multiply(false, 1, tape.States.AsSpan(t * Units, Units), Units, weights, fromState, Width, true);
            Step(
                fromInput.AsSpan(t * Width, Width), fromState, tape.States.AsSpan(t * Units, Units), Before(tape.Cells, t),
                tape.Gates.AsSpan(t * Width, Width), tape.Cells.AsSpan(t * Units, Units), tape.States.AsSpan((t + 1) * Units, Units));
        }

        tape.States.AsSpan(Units).CopyTo(states);
        return tape;
    }

    /// <summary>Goes back through a sequence.</summary>
    /// <param name="dStates">The loss's derivative by the state after each step, [steps, units].</param>
    /// <param name="dx">Gets added the derivative by the inputs, [steps, inputs]; empty where nobody asks.</param>
    public void Backward(RecurrentTape tape, ReadOnlySpan<float> dStates, Span<float> dx)
    {
        int steps = tape.Steps;
        float[] dInput = new float[steps * Width];
        float[] dFromState = new float[steps * Width];
        float[] carry = new float[Units];
        float[] dCell = new float[Units];
        float[] dPrevious = new float[Units];
        var weights = new PackedMatrix(false, Units, Width, StateWeights.Data, Units);
        for (int t = steps - 1; t >= 0; t--)
        {
            for (int u = 0; u < Units; u++)
            {
                carry[u] += dStates[(t * Units) + u];
            }

            dPrevious.AsSpan().Clear();
            Span<float> dState = dFromState.AsSpan(t * Width, Width);
            StepBack(
                tape.Gates.AsSpan(t * Width, Width), tape.FromState.AsSpan(t * Width, Width), tape.States.AsSpan(t * Units, Units), Before(tape.Cells, t),
                tape.Cells.AsSpan(t * Units, Units), carry, dCell, dInput.AsSpan(t * Width, Width), dState, dPrevious);
            Gemm.Multiply(false, 1, dState, Width, weights, dPrevious, Units, true);
            dPrevious.CopyTo(carry, 0);
        }

        Gemm.Multiply(true, false, Width, Inputs, steps, dInput, Width, tape.Inputs, Inputs, InputWeights.Gradient, Inputs, true);
        Gemm.Multiply(true, false, Width, Units, steps, dFromState, Width, tape.States, Units, StateWeights.Gradient, Units, true);
        Bias.AddSums(dInput, InputBias.Gradient);
        Bias.AddSums(dFromState, StateBias.Gradient);
        if (!dx.IsEmpty)
        {
            Gemm.Multiply(false, false, steps, Inputs, Width, dInput, Width, InputWeights.Data, Inputs, dx, Inputs, true);
        }
    }

    /// <summary>One step.</summary>
    /// <param name="fromInput">What the input's weights give, [gates * units].</param>
    /// <param name="fromState">What the state's weights give, likewise.</param>
    /// <param name="before">The state before.</param>
    /// <param name="cellBefore">The inner state before.</param>
    /// <param name="gates">Set to the gates after their activations.</param>
    /// <param name="cell">Set to the inner state after, by cells that have one.</param>
    /// <param name="after">Set to the state after.</param>
    protected abstract void Step(
        ReadOnlySpan<float> fromInput, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, Span<float> gates, Span<float> cell, Span<float> after);

    /// <summary>The way back through <see cref="Step"/>.</summary>
    /// <param name="dAfter">Derivative by the state after.</param>
    /// <param name="dCell">Derivative by the inner state after; set to that by the one before.</param>
    /// <param name="dInput">Set to the derivative by fromInput, <paramref name="dState"/> by fromState.</param>
    /// <param name="dBefore">Gets added what reaches the state before, but for the way through the state's weights.</param>
    protected abstract void StepBack(
        ReadOnlySpan<float> gates, ReadOnlySpan<float> fromState, ReadOnlySpan<float> before, ReadOnlySpan<float> cellBefore, ReadOnlySpan<float> cell,
        ReadOnlySpan<float> dAfter, Span<float> dCell, Span<float> dInput, Span<float> dState, Span<float> dBefore);

    protected static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    private ReadOnlySpan<float> Before(float[] cells, int t) => t == 0 ? new float[Units] : cells.AsSpan((t - 1) * Units, Units);

    /// <summary>Uniform within 1 / sqrt(fan-in), or zeros without <paramref name="random"/>.</summary>
    private static Parameter Create(string name, Random? random, int fanIn, params int[] extents)
    {
        var shape = new Shape(extents);
        float[] data = new float[shape.ElementCount];
        double bound = 1 / Math.Sqrt(fanIn);
        for (int i = 0; random is not null && i < data.Length; i++)
        {
            data[i] = (float)(bound * ((2 * random.NextDouble()) - 1));
        }

        return new Parameter(new Value(name, new Tensor(shape, data)), decays: random is not null);
    }
}
