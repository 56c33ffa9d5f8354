using System.Numerics.Tensors;
using TinyInference.Converter.Language;
using TinyInference.Converter.Training;
using TinyInference.Converter.Training.Recurrent;

namespace TinyInference.Converter.Commands.Training;

/// <summary>Some sentences, taken through a network together by one thread, with all that this needs.</summary>
internal sealed class CommandPart
{
    private readonly CommandNetwork _network;
    private readonly WordVectors _vectors;
    private readonly int _batch;
    private readonly List<CodedExample> _examples = [];
    private RecurrentTape _tape;
    private int[] _indices = [];
    private int _words;

    /// <param name="batch">The most sentences at once.</param>
    public CommandPart(CommandNetwork network, WordVectors vectors, int batch)
    {
        _network = network;
        _vectors = vectors;
        _batch = batch;
        _tape = new RecurrentTape(network.Cell, 1, batch);
        Sums = new GradientSums(network.Parameters);
    }

    public GradientSums Sums { get; }

    /// <summary>Sets the sentences, at most as many as there is room for.</summary>
    /// <param name="wordDropout">Share of the words that are taken for unknown.</param>
    public void Load(ReadOnlySpan<CodedExample> examples, float wordDropout, Random chance)
    {
        _examples.Clear();
        _examples.AddRange(examples);
        int longest = _examples.Max(e => e.Words.Length);

        // Behind the last word stands the boundary, as often as slots look ahead, once at least.
        _words = longest + Math.Max(_network.Delay, 1);
        int steps = 2 * _words;
        if (_indices.Length < steps * _batch)
        {
            _tape = new RecurrentTape(_network.Cell, steps, _batch);
            _indices = new int[steps * _batch];
        }

        _tape.Steps = steps;
        _tape.Reset();
        for (int b = 0; b < _batch; b++)
        {
            int[] words = b < _examples.Count ? _examples[b].Words : [];
            for (int i = 0; i < _words; i++)
            {
                int word = i >= words.Length ? Vocabulary.Boundary : wordDropout > 0 && chance.NextSingle() < wordDropout ? Vocabulary.Unknown : words[i];
                _indices[(2 * i * _batch) + b] = _vectors.First(word);
                _indices[(((2 * i) + 1) * _batch) + b] = _vectors.Second(word);
            }
        }

        _network.Embedding.Forward(_indices.AsSpan(0, _tape.Rows), _tape.Inputs);
    }

    /// <summary>Runs over the sentences and sums gradients.</summary>
    /// <param name="intentWeight">Of each sentence's loss.</param>
    /// <param name="slotWeight">Of each word's loss.</param>
    /// <returns>The sums of -log p of intents and of slots.</returns>
    public (double Intents, double Slots) Train(float intentWeight, float slotWeight, float vectorDropout, float stateDropout, Random chance)
    {
        Sums.Clear();
        int units = _network.Cell.Units;
        float[] vectorMask = Mask(_tape.Rows * _network.Cell.Inputs, vectorDropout, chance);
        Span<float> inputs = _tape.Inputs.AsSpan(0, vectorMask.Length);
        TensorPrimitives.Multiply(inputs, vectorMask, inputs);
        _network.Cell.Forward(_tape);
        float[] dStates = new float[_tape.Rows * units];

        (float[] states, int[] slots, int[] rows) = GatherWords();
        float[] mask = Mask(states.Length, stateDropout, chance);
        TensorPrimitives.Multiply(states, mask, states);
        float[] d = new float[states.Length];
        double slotLoss = _network.SlotHead.LossAndGradient(states, slots, slotWeight, d, Sums);
        TensorPrimitives.Multiply(d, mask, d);
        for (int i = 0; i < rows.Length; i++)
        {
            Add(d.AsSpan(i * units, units), 1, dStates.AsSpan(rows[i] * units, units));
        }

        float[] pooled = Pool();
        mask = Mask(pooled.Length, stateDropout, chance);
        TensorPrimitives.Multiply(pooled, mask, pooled);
        d = new float[pooled.Length];
        double intentLoss = _network.IntentHead.LossAndGradient(pooled, Intents(), intentWeight, d, Sums);
        TensorPrimitives.Multiply(d, mask, d);
        PoolBack(d, dStates);

        float[] dx = new float[inputs.Length];
        _network.Cell.Backward(_tape, dStates, dx, Sums);
        TensorPrimitives.Multiply(dx, vectorMask, dx);
        _network.Embedding.Backward(_indices.AsSpan(0, _tape.Rows), dx, Sums);
        return (intentLoss, slotLoss);
    }

    /// <summary>Runs over the sentences.</summary>
    /// <param name="allows">Whether an intent may have a slot.</param>
    /// <returns>For each the probabilities of the intents, and of each word the most probable slot that the most probable intent may have.</returns>
    public (float[] Intents, int[] Slots)[] Predict(Func<int, int, bool> allows)
    {
        _network.Cell.Forward(_tape);
        var results = new (float[] Intents, int[] Slots)[_examples.Count];
        _network.IntentHead.LogProbabilities(Pool(), _examples.Count, (i, p) =>
        {
            float[] probabilities = new float[p.Length];
            TensorPrimitives.Exp(p.Span, probabilities);
            results[i] = (probabilities, new int[_examples[i].Words.Length]);
        });
        (float[] states, _, _) = GatherWords();
        int sentence = 0;
        int word = 0;
        _network.SlotHead.LogProbabilities(states, states.Length / _network.Cell.Units, (_, p) =>
        {
            int intent = TensorPrimitives.IndexOfMax<float>(results[sentence].Intents);
            results[sentence].Slots[word] = Enumerable.Range(0, p.Length).Where(slot => allows(intent, slot)).MaxBy(slot => p.Span[slot]);
            if (++word == results[sentence].Slots.Length)
            {
                word = 0;
                sentence++;
            }
        });
        return results;
    }

    /// <summary>The states that slots are decided from, sentence by sentence, word by word.</summary>
    private (float[] States, int[] Slots, int[] Rows) GatherWords()
    {
        int units = _network.Cell.Units;
        int count = _examples.Sum(e => e.Words.Length);
        float[] states = new float[count * units];
        int[] slots = new int[count];
        int[] rows = new int[count];
        int at = 0;
        for (int b = 0; b < _examples.Count; b++)
        {
            for (int i = 0; i < _examples[b].Words.Length; i++, at++)
            {
                rows[at] = RowAfter(i + _network.Delay, b);
                slots[at] = _examples[b].Slots[i];
                _tape.States.AsSpan(rows[at] * units, units).CopyTo(states.AsSpan(at * units));
            }
        }

        return (states, slots, rows);
    }

    /// <summary>[last state, mean state] of each sentence; the last one is that after the first boundary.</summary>
    private float[] Pool()
    {
        int units = _network.Cell.Units;
        float[] pooled = new float[_examples.Count * 2 * units];
        for (int b = 0; b < _examples.Count; b++)
        {
            int words = _examples[b].Words.Length;
            _tape.States.AsSpan(RowAfter(words, b) * units, units).CopyTo(pooled.AsSpan(2 * b * units));
            for (int i = 0; i <= words; i++)
            {
                Add(_tape.States.AsSpan(RowAfter(i, b) * units, units), 1f / (words + 1), pooled.AsSpan(((2 * b) + 1) * units, units));
            }
        }

        return pooled;
    }

    private void PoolBack(float[] d, float[] dStates)
    {
        int units = _network.Cell.Units;
        for (int b = 0; b < _examples.Count; b++)
        {
            int words = _examples[b].Words.Length;
            Add(d.AsSpan(2 * b * units, units), 1, dStates.AsSpan(RowAfter(words, b) * units, units));
            for (int i = 0; i <= words; i++)
            {
                Add(d.AsSpan(((2 * b) + 1) * units, units), 1f / (words + 1), dStates.AsSpan(RowAfter(i, b) * units, units));
            }
        }
    }

    private int[] Intents() => [.. _examples.Select(e => e.Intent)];

    /// <summary>The row of the tape after a word's column.</summary>
    private int RowAfter(int word, int sentence) => (((2 * word) + 1) * _batch) + sentence;

    private static void Add(ReadOnlySpan<float> x, float weight, Span<float> sum) => TensorPrimitives.MultiplyAdd(x, weight, sum, sum);

    /// <summary>0 with a probability of <paramref name="rate"/>, else 1 / (1 - rate) (Srivastava et al. 2014, inverted).</summary>
    private static float[] Mask(int length, float rate, Random chance)
    {
        float[] mask = new float[length];
        float kept = 1 / (1 - rate);
        for (int i = 0; i < length; i++)
        {
            mask[i] = rate > 0 && chance.NextSingle() < rate ? 0 : kept;
        }

        return mask;
    }
}
