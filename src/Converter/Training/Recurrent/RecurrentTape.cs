namespace TinyInference.Converter.Training.Recurrent;

/// <summary>
/// The buffers of a cell over T steps of B sequences side by side: what goes in, what comes out, and what is remembered to go back. Made once and used
/// again: whoever runs a cell writes <see cref="Inputs"/> (and <see cref="Starts"/>), calls <see cref="RecurrentCell.Forward"/>, and reads
/// <see cref="States"/>. Rows are ordered by step, then by sequence: row t * B + b.
/// </summary>
internal sealed class RecurrentTape
{
    private readonly int _units;

    /// <param name="steps">The most steps.</param>
    /// <param name="batch">Sequences side by side.</param>
    public RecurrentTape(RecurrentCell cell, int steps, int batch)
    {
        _units = cell.Units;
        Batch = batch;
        Steps = steps;
        int rows = checked(steps * batch);
        Inputs = new float[checked(rows * cell.Inputs)];
        Starts = new bool[rows];
        FromInput = new float[checked(rows * cell.Width)];
        FromState = new float[rows * cell.Width];
        Gates = new float[rows * cell.Width];
        Cells = new float[rows * cell.Units];
        States = new float[rows * cell.Units];
        CellsBefore = new float[rows * cell.Units];
        StatesBefore = new float[rows * cell.Units];
    }

    /// <summary>Steps to take; may be set to fewer than there is room for.</summary>
    public int Steps { get; set; }

    public int Batch { get; }

    /// <summary>Steps times sequences.</summary>
    public int Rows => Steps * Batch;

    /// <summary>[T, B, inputs].</summary>
    public float[] Inputs { get; }

    /// <summary>[T, B]: where a new sequence begins, its state and inner state are 0 before the step.</summary>
    public bool[] Starts { get; }

    /// <summary>The state after each step, [T, B, units].</summary>
    public float[] States { get; }

    /// <summary>The inner state after each step, [T, B, units]; of cells that have none, zeros.</summary>
    internal float[] Cells { get; }

    /// <summary>What the input's weights gave, [T, B, gates * units]; <see cref="FromState"/> likewise.</summary>
    internal float[] FromInput { get; }

    internal float[] FromState { get; }

    /// <summary>After their activations, [T, B, gates * units].</summary>
    internal float[] Gates { get; }

    /// <summary>The state that each step began with, [T, B, units].</summary>
    internal float[] StatesBefore { get; }

    /// <summary>The inner state that each step began with, [T, B, units].</summary>
    internal float[] CellsBefore { get; }

    /// <summary>Forgets: the state before the first step is 0.</summary>
    public void Reset()
    {
        StatesBefore.AsSpan(0, Batch * _units).Clear();
        CellsBefore.AsSpan(0, Batch * _units).Clear();
    }

    /// <summary>Goes on: the state before the first step is the one after the last.</summary>
    public void Carry()
    {
        States.AsSpan((Rows - Batch) * _units, Batch * _units).CopyTo(StatesBefore);
        Cells.AsSpan((Rows - Batch) * _units, Batch * _units).CopyTo(CellsBefore);
    }
}
