using System.Numerics.Tensors;
using TinyInference.Converter.Numerics;
using TinyInference.Converter.Training.Layers;

namespace TinyInference.Converter.Training.Recurrent;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>
/// A recurrent layer with its gradients: forward over sequences side by side, and backward through time. Weights and their gates are ordered as ONNX
/// has them.
/// </summary>
internal abstract class RecurrentCell
{
    private readonly int _gates;

    /// <param name="parameters">W, R and the biases of either product.</param>
    /// <param name="form">The functions of its gates and states (<see cref="GateActivation"/>).</param>
    protected RecurrentCell(IReadOnlyList<Parameter> parameters, int gates, GateForm form)
    {
        (InputWeights, StateWeights, InputBias, StateBias) = (parameters[0], parameters[1], parameters[2], parameters[3]);
        Inputs = InputWeights.Value.Shape[1];
        Units = StateWeights.Value.Shape[1];
        _gates = gates;
        Form = form;
    }

    public abstract RecurrentCellKind Kind { get; }

    /// <summary>Numbers in a step of the sequence.</summary>
    public int Inputs { get; }

    /// <summary>Numbers in the state.</summary>
    public int Units { get; }

    public GateForm Form { get; }

    /// <summary>[gates * units, inputs].</summary>
    public Parameter InputWeights { get; }

    /// <summary>[gates * units, units].</summary>
    public Parameter StateWeights { get; }

    /// <summary>[gates * units].</summary>
    public Parameter InputBias { get; }

    /// <summary>[gates * units]; added to what the state's weights give.</summary>
    public Parameter StateBias { get; }

    public IReadOnlyList<Parameter> Parameters => [InputWeights, StateWeights, InputBias, StateBias];

    /// <summary>Gates times units.</summary>
    internal int Width => _gates * Units;

    /// <summary>A cell with random weights.</summary>
    public static RecurrentCell Create(RecurrentCellKind kind, string name, int inputs, int units, int seed, GateForm form = GateForm.Smooth) => kind switch
    {
        RecurrentCellKind.SimpleRnn => new SimpleRnn(name, inputs, units, seed, form),
        RecurrentCellKind.Gru => new Gru(name, inputs, units, seed, form),
        _ => new Lstm(name, inputs, units, seed, form),
    };

    /// <summary>A cell with the parameters that are given, W, R and the biases of either product.</summary>
    public static RecurrentCell Of(RecurrentCellKind kind, IReadOnlyList<Parameter> parameters, GateForm form) => kind switch
    {
        RecurrentCellKind.SimpleRnn => new SimpleRnn(parameters, form),
        RecurrentCellKind.Gru => new Gru(parameters, form),
        _ => new Lstm(parameters, form),
    };

    /// <summary>Runs over the tape's inputs, from the state that it carries.</summary>
    public void Forward(RecurrentTape tape)
    {
        int batch = tape.Batch;
        int length = batch * Units;
        Bias.Fill(tape.FromInput.AsSpan(0, tape.Rows * Width), InputBias.Data);
        Gemm.Multiply(false, true, tape.Rows, Width, Inputs, tape.Inputs, Inputs, InputWeights.Data, Inputs, tape.FromInput, Width, true);
        var weights = new PackedMatrix(true, Width, Units, StateWeights.Data, Units);
        for (int t = 0; t < tape.Steps; t++)
        {
            Begin(tape, t);
            Span<float> fromState = tape.FromState.AsSpan(t * batch * Width, batch * Width);
            Bias.Fill(fromState, StateBias.Data);
            Gemm.Multiply(false, batch, tape.StatesBefore.AsSpan(t * length, length), Units, weights, fromState, Width, true);
            for (int row = t * batch; row < (t + 1) * batch; row++)
            {
                Step(
                    tape.FromInput.AsSpan(row * Width, Width), tape.FromState.AsSpan(row * Width, Width), Row(tape.StatesBefore, row), Row(tape.CellsBefore, row),
                    tape.Gates.AsSpan(row * Width, Width), Row(tape.Cells, row), Row(tape.States, row));
            }
        }
    }

    /// <summary>Goes back through what <see cref="Forward"/> ran over last, to the first step and no further.</summary>
    /// <param name="dStates">The loss's derivative by the state after each step, [T, B, units].</param>
    /// <param name="dx">Set to the derivative by the inputs, [T, B, inputs]; empty where nobody asks.</param>
    /// <param name="sums">Get the parameters' gradients added.</param>
    public void Backward(RecurrentTape tape, ReadOnlySpan<float> dStates, Span<float> dx, GradientSums sums)
    {
        int batch = tape.Batch;
        int rows = tape.Rows;
        float[] dInput = new float[rows * Width];
        float[] dFromState = new float[rows * Width];
        float[] carry = new float[batch * Units];
        float[] dCell = new float[batch * Units];
        float[] dPrevious = new float[batch * Units];
        var weights = new PackedMatrix(false, Units, Width, StateWeights.Data, Units);
        for (int t = tape.Steps - 1; t >= 0; t--)
        {
            TensorPrimitives.Add(carry, dStates.Slice(t * batch * Units, batch * Units), carry);
            dPrevious.AsSpan().Clear();
            for (int b = 0; b < batch; b++)
            {
                int row = (t * batch) + b;
                StepBack(
                    tape.Gates.AsSpan(row * Width, Width), tape.FromState.AsSpan(row * Width, Width), Row(tape.StatesBefore, row), Row(tape.CellsBefore, row), Row(tape.Cells, row),
                    Row(carry, b), Row(dCell, b), dInput.AsSpan(row * Width, Width), dFromState.AsSpan(row * Width, Width), Row(dPrevious, b));
            }

            Gemm.Multiply(false, batch, dFromState.AsSpan(t * batch * Width, batch * Width), Width, weights, dPrevious, Units, true);
            for (int b = 0; b < batch; b++)
            {
                if (tape.Starts[(t * batch) + b])
                {
                    Row(dPrevious, b).Clear();
                    Row(dCell, b).Clear();
                }
            }

            dPrevious.CopyTo(carry, 0);
        }

        AddGradients(tape, dInput, dFromState, sums);
        if (!dx.IsEmpty)
        {
            Gemm.Multiply(false, false, rows, Inputs, Width, dInput, Width, InputWeights.Data, Inputs, dx, Inputs, false);
        }
    }

    /// <summary>One step of one sequence.</summary>
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

    private void AddGradients(RecurrentTape tape, float[] dInput, float[] dFromState, GradientSums sums)
    {
        Gemm.Multiply(true, false, Width, Inputs, tape.Rows, dInput, Width, tape.Inputs, Inputs, sums.Of(InputWeights), Inputs, true);
        Gemm.Multiply(true, false, Width, Units, tape.Rows, dFromState, Width, tape.StatesBefore, Units, sums.Of(StateWeights), Units, true);
        Bias.AddSums(dInput, sums.Of(InputBias));
        Bias.AddSums(dFromState, sums.Of(StateBias));
    }

    /// <summary>Sets the state that step <paramref name="t"/> begins with: that after the step before, but for sequences that start.</summary>
    private void Begin(RecurrentTape tape, int t)
    {
        int length = tape.Batch * Units;
        if (t > 0)
        {
            tape.States.AsSpan((t - 1) * length, length).CopyTo(tape.StatesBefore.AsSpan(t * length));
            tape.Cells.AsSpan((t - 1) * length, length).CopyTo(tape.CellsBefore.AsSpan(t * length));
        }

        for (int row = t * tape.Batch; row < (t + 1) * tape.Batch; row++)
        {
            if (tape.Starts[row])
            {
                Row(tape.StatesBefore, row).Clear();
                Row(tape.CellsBefore, row).Clear();
            }
        }
    }

    private Span<float> Row(float[] rows, int row) => rows.AsSpan(row * Units, Units);

    /// <summary>New parameters of a cell: random weights, biases of 0.</summary>
    protected static IReadOnlyList<Parameter> Create(string name, int inputs, int units, int gates, int seed)
    {
        var random = new Random(seed);
        return
        [
            Create($"{name}.W", random, inputs, gates * units, inputs), Create($"{name}.R", random, units, gates * units, units),
            Create($"{name}.Wb", null, 1, gates * units), Create($"{name}.Rb", null, 1, gates * units),
        ];
    }

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
