using System.Numerics.Tensors;
using TinyInference.Converter.Training;
using TinyInference.Converter.Training.Recurrent;

namespace TinyInference.Converter.Language;

/// <summary>Some streams of text, taken through a network together by one thread, with all that this needs.</summary>
internal sealed class LanguagePart
{
    private readonly LanguageNetwork _network;
    private readonly RecurrentTape _tape;
    private readonly int[] _indices;
    private readonly float[] _dx;
    private readonly float[] _dStates;
    private readonly float[] _vectorMask;
    private readonly float[] _stateMask;
    private readonly int[] _rows;
    private readonly int[] _targets;
    private readonly float[] _gathered;
    private readonly float[] _dGathered;

    /// <param name="steps">The most steps at once.</param>
    /// <param name="streams">Streams in this part.</param>
    public LanguagePart(LanguageNetwork network, int steps, int streams)
    {
        _network = network;
        _tape = new RecurrentTape(network.Cell, steps, streams);
        Steps = new WordStep[steps * streams];
        Sums = new GradientSums(network.Parameters);
        _indices = new int[Steps.Length];
        _rows = new int[Steps.Length];
        _targets = new int[Steps.Length];
        _dx = new float[_tape.Inputs.Length];
        _vectorMask = new float[_dx.Length];
        _dStates = new float[_tape.States.Length];
        _stateMask = new float[_dStates.Length];
        _gathered = new float[_dStates.Length];
        _dGathered = new float[_dStates.Length];
    }

    /// <summary>What each stream does in each step, [T, B]: set before a step.</summary>
    public WordStep[] Steps { get; }

    public int Streams => _tape.Batch;

    public GradientSums Sums { get; }

    /// <summary>Forgets the states of the text before.</summary>
    public void Reset() => _tape.Reset();

    /// <summary>Runs over <see cref="Steps"/> and sums gradients; the states are carried on to the next.</summary>
    /// <param name="weight">Of the loss of each prediction.</param>
    /// <param name="chance">Decides what is dropped.</param>
    /// <returns>The sum of -log p.</returns>
    public double Train(float weight, float vectorDropout, float stateDropout, Random chance)
    {
        Sums.Clear();
        Look();
        Drop(_vectorMask, vectorDropout, chance);
        Drop(_stateMask, stateDropout, chance);
        TensorPrimitives.Multiply(_tape.Inputs, _vectorMask, _tape.Inputs);
        _network.Cell.Forward(_tape);
        _dStates.AsSpan().Clear();
        double loss = 0;
        for (int head = 0; head < _network.Heads.Count; head++)
        {
            int count = Gather(head, _stateMask);
            loss += _network.Heads[head].LossAndGradient(_gathered, _targets.AsSpan(0, count), weight, _dGathered, Sums);
            Scatter(count);
        }

        TensorPrimitives.Multiply(_dStates, _stateMask, _dStates);
        _network.Cell.Backward(_tape, _dStates, _dx, Sums);
        TensorPrimitives.Multiply(_dx, _vectorMask, _dx);
        _network.Embedding.Backward(_indices, _dx, Sums);
        _tape.Carry();
        return loss;
    }

    /// <summary>Runs over <see cref="Steps"/>; the states are carried on to the next.</summary>
    /// <param name="each">Told the step and the log-probabilities of every prediction.</param>
    public void Predict(Action<WordStep, ReadOnlyMemory<float>> each)
    {
        Look();
        _network.Cell.Forward(_tape);
        for (int head = 0; head < _network.Heads.Count; head++)
        {
            int count = Gather(head, null);
            _network.Heads[head].LogProbabilities(_gathered, count, (i, p) => each(Steps[_rows[i]], p));
        }

        _tape.Carry();
    }

    private void Look()
    {
        for (int row = 0; row < Steps.Length; row++)
        {
            _indices[row] = Steps[row].Input;
            _tape.Starts[row] = Steps[row].Starts;
        }

        _network.Embedding.Forward(_indices, _tape.Inputs);
    }

    /// <summary>States that <paramref name="head"/> predicts from, one after the other.</summary>
    private int Gather(int head, float[]? mask)
    {
        int units = _network.Cell.Units;
        int count = 0;
        for (int row = 0; row < Steps.Length; row++)
        {
            if (Steps[row].Head != head || Steps[row].Target < 0)
            {
                continue;
            }

            ReadOnlySpan<float> state = _tape.States.AsSpan(row * units, units);
            Span<float> to = _gathered.AsSpan(count * units, units);
            if (mask is null)
            {
                state.CopyTo(to);
            }
            else
            {
                TensorPrimitives.Multiply(state, mask.AsSpan(row * units, units), to);
            }

            _rows[count] = row;
            _targets[count++] = Steps[row].Target;
        }

        return count;
    }

    private void Scatter(int count)
    {
        int units = _network.Cell.Units;
        for (int i = 0; i < count; i++)
        {
            _dGathered.AsSpan(i * units, units).CopyTo(_dStates.AsSpan(_rows[i] * units));
        }
    }

    /// <summary>0 with a probability of <paramref name="rate"/>, else 1 / (1 - rate) (Srivastava et al. 2014, inverted).</summary>
    private static void Drop(float[] mask, float rate, Random chance)
    {
        float kept = 1 / (1 - rate);
        for (int i = 0; i < mask.Length; i++)
        {
            mask[i] = rate > 0 && chance.NextSingle() < rate ? 0 : kept;
        }
    }
}
