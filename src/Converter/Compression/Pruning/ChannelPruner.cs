using TinyInference.Converter.Passes;

namespace TinyInference.Converter.Compression.Pruning;

using TinyInference.Converter.Graphs;

/// <summary>
/// Removes channels and neurons of small incoming weights from a float graph, which is smaller afterwards (H. Li et al.,
/// arXiv 1608.08710, with L2 norms; channels that residual sums tie together go together).
/// </summary>
internal static class ChannelPruner
{
    /// <summary>Removes channels from <paramref name="graph"/>, in place.</summary>
    /// <param name="keep">For each space of <see cref="ChannelSpaces.Of"/>, in its order: how many channels to leave.</param>
    public static void Shrink(Graph graph, IReadOnlyList<int> keep)
    {
        IReadOnlyList<ChannelSpace> spaces = ChannelSpaces.Of(graph);
        for (int i = 0; i < spaces.Count; i++)
        {
            if (keep[i] < spaces[i].Channels)
            {
                float[] norms = Norms(graph, spaces[i]);
                Remove(spaces[i], [.. Enumerable.Range(0, norms.Length).OrderByDescending(c => norms[c]).ThenBy(c => c).Take(keep[i]).Order()]);
            }
        }

        GraphValidator.Validate(graph);
    }

    /// <summary>How many channels of each space to leave.</summary>
    /// <param name="original">Channels of each space before anything was pruned.</param>
    /// <param name="share">Of the original channels, above 0 and up to 1.</param>
    /// <param name="perLayer">Whether each space keeps this share; else channels compete by their norm relative to the mean of their space.</param>
    public static int[] Plan(Graph graph, IReadOnlyList<int> original, double share, bool perLayer)
    {
        IReadOnlyList<ChannelSpace> spaces = ChannelSpaces.Of(graph);
        if (perLayer)
        {
            return [.. spaces.Select((s, i) => Math.Min(s.Channels, Math.Max(1, (int)Math.Round(original[i] * share))))];
        }

        var scores = new List<(float Score, int Space, int Channel)>();
        for (int i = 0; i < spaces.Count; i++)
        {
            float[] norms = Norms(graph, spaces[i]);
            float mean = norms.Average();
            scores.AddRange(norms.Select((n, c) => (mean > 0 ? n / mean : 0, i, c)));
        }

        int[] keep = new int[spaces.Count];
        int room = (int)Math.Round(original.Sum() * share);
        foreach ((_, int space, _) in scores.OrderByDescending(s => s.Score).ThenBy(s => s.Space).ThenBy(s => s.Channel))
        {
            if (room > 0 || keep[space] == 0)
            {
                keep[space]++;
                room--;
            }
        }

        return keep;
    }

    /// <summary>
    /// The L2 norm of each channel's incoming weights, over all operators that make it, as they are with the batch norm behind
    /// them folded in (without it a scale that batch norm takes away again would decide).
    /// </summary>
    public static float[] Norms(Graph graph, ChannelSpace space)
    {
        var sums = new double[space.Channels];
        ILookup<Value, Node> consumers = graph.Consumers();
        foreach (Node producer in space.Producers)
        {
            float[] weights = producer.Input(1).Constant!.Floats;
            int inputs = weights.Length / space.Channels;
            Node[] readers = [.. consumers[producer.Output]];
            float[]? scale = readers is [{ Operator: BatchNorm } norm] ? ChannelAffine.Of(norm)?.Scale : null;
            for (int c = 0; c < space.Channels; c++)
            {
                double sum = 0;
                foreach (float w in weights.AsSpan(c * inputs, inputs))
                {
                    sum += (double)w * w;
                }

                sums[c] += sum * (scale is null ? 1 : (double)scale[c] * scale[c]);
            }
        }

        return Array.ConvertAll(sums, s => (float)Math.Sqrt(s));
    }

    private static void Remove(ChannelSpace space, int[] kept)
    {
        foreach (Node producer in space.Producers)
        {
            Select(producer.Input(1), 0, kept);
            if (producer.OptionalInput(2) is { } bias)
            {
                Select(bias, bias.Shape.Rank - 1, kept);
            }
        }

        foreach (Value constant in space.Constants)
        {
            Select(constant, constant.Shape.Rank - 1, kept);
        }

        foreach ((Node consumer, int repeat) in space.Consumers)
        {
            int[] columns = [.. Enumerable.Range(0, repeat).SelectMany(r => kept.Select(k => (r * space.Channels) + k))];
            Select(consumer.Input(1), consumer.Input(1).Shape.Rank - 1, columns);
        }

        foreach ((Value value, int repeat) in space.Values)
        {
            value.Shape = value.Shape.With(-1, repeat * kept.Length);
        }
    }

    /// <summary>Leaves the given indices of a constant's dimension.</summary>
    private static void Select(Value value, int axis, int[] kept)
    {
        float[] from = value.Constant!.Floats;
        int inner = value.Shape.Strides()[axis];
        int extent = value.Shape[axis];
        Shape shape = value.Shape.With(axis, kept.Length);
        var to = new float[shape.ElementCount];
        int next = 0;
        for (int block = 0; block < from.Length; block += extent * inner)
        {
            foreach (int k in kept)
            {
                from.AsSpan(block + (k * inner), inner).CopyTo(to.AsSpan(next));
                next += inner;
            }
        }

        value.Shape = shape;
        value.Constant = new Tensor(shape, to);
    }
}
