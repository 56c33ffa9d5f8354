using System.Collections.Concurrent;
using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training.Recurrent;

namespace TinyInference.Converter.Training.Layers;

using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>A recurrent cell over the steps of each sample, x [T,I] to the state after each step [T,H], from a state of 0; back through time over all steps.</summary>
internal sealed class RecurrentLayer : Layer
{
    private readonly RecurrentCell _cell;
    private readonly Parameter[] _learned;
    private readonly int _steps;
    private readonly ConcurrentDictionary<Shard, Buffers> _buffers = new();

    /// <param name="parameters">W, R and the biases of either product; null for a bias that the node does not have.</param>
    /// <exception cref="InputException">The cell is of a form that is only run: clamped, reset before its product, or with sequences that do not lie one after the other.</exception>
    public RecurrentLayer(Node node, IReadOnlyList<Parameter?> parameters)
        : base(node)
    {
        var cell = (Graphs.Recurrent)node.Operator;
        string? obstacle = cell.TimeMajor ? "has several sequences in a sample, with time as the first dimension"
            : cell.CellClip > 0 ? "clamps its cell state"
            : cell.ResetsBefore ? "resets its state before the state's weights (linear_before_reset 0; Keras: reset_after=False)"
            : null;
        if (obstacle is not null)
        {
            throw new InputException($"{node} {obstacle} and can't be trained; it can be converted without training");
        }

        _learned = [.. parameters.OfType<Parameter>()];
        _steps = node.Input(0).Shape[1];
        int width = node.Input(2).Shape[0];
        _cell = RecurrentCell.Of(cell.Cell, [.. parameters.Select((p, i) => p ?? new Parameter(new Value($"{node.Name}/zero{i}", new Tensor(new Shape(width), new float[width])), false))], cell.Form);
    }

    public override void Forward(Shard shard)
    {
        Buffers buffers = BuffersOf(shard);
        Swap(shard.Activation(Input), buffers.Tape.Inputs, shard.Samples, _steps, _cell.Inputs);
        buffers.Tape.Reset();
        _cell.Forward(buffers.Tape);
        Swap(buffers.Tape.States, shard.Activation(Output), _steps, shard.Samples, _cell.Units);
    }

    public override void Backward(Shard shard)
    {
        Buffers buffers = BuffersOf(shard);
        Swap(shard.Gradient(Output), buffers.States, shard.Samples, _steps, _cell.Units);
        bool passes = shard.NeedsGradient(Input);
        buffers.Sums.Clear();
        _cell.Backward(buffers.Tape, buffers.States, passes ? buffers.Inputs : [], buffers.Sums);
        foreach (Parameter parameter in _learned)
        {
            Span<float> gradient = shard.Gradient(parameter);
            TensorPrimitives.Add(gradient, buffers.Sums.Of(parameter), gradient);
        }

        if (passes)
        {
            Span<float> dx = shard.Gradient(Input);
            Span<float> own = new float[dx.Length];
            Swap(buffers.Inputs, own, _steps, shard.Samples, _cell.Inputs);
            TensorPrimitives.Add(dx, own, dx);
        }
    }

    private Buffers BuffersOf(Shard shard)
    {
        if (!_buffers.TryGetValue(shard, out Buffers? buffers) || buffers.Tape.Batch != shard.Samples)
        {
            buffers = new Buffers(_cell, _steps, shard.Samples);
            _buffers[shard] = buffers;
        }

        return buffers;
    }

    /// <summary>[outer, inner, width] to [inner, outer, width].</summary>
    private static void Swap(ReadOnlySpan<float> from, Span<float> to, int outer, int inner, int width)
    {
        for (int i = 0; i < outer; i++)
        {
            for (int k = 0; k < inner; k++)
            {
                from.Slice(((i * inner) + k) * width, width).CopyTo(to[(((k * outer) + i) * width)..]);
            }
        }
    }

    /// <summary>Of one part of a batch: its samples side by side.</summary>
    private sealed class Buffers(RecurrentCell cell, int steps, int samples)
    {
        public RecurrentTape Tape { get; } = new(cell, steps, samples);

        public GradientSums Sums { get; } = new(cell.Parameters);

        /// <summary>Derivatives by the states, [T, B, units], and by the inputs.</summary>
        public float[] States { get; } = new float[steps * samples * cell.Units];

        public float[] Inputs { get; } = new float[steps * samples * cell.Inputs];
    }
}
