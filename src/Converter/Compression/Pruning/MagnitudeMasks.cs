using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.Pruning;

using TinyInference.Converter.Graphs;

/// <summary>
/// The weights of a network in groups that live or die together, and masks that leave the largest of them. A group is a weight, or
/// N weights of consecutive output channels at one place of the input.
/// </summary>
internal sealed class MagnitudeMasks
{
    private readonly int _block;

    /// <param name="network">Its masks are set; biases and batch norm are never pruned.</param>
    /// <param name="block">Output channels of a group; the last group of a layer may have fewer.</param>
    public MagnitudeMasks(TrainableNetwork network, int block)
    {
        _block = block;
        Layers = [.. network.Graph.Nodes
            .Where(n => n.Operator is Conv2D or DepthwiseConv2D or TransposeConv2D or FullyConnected)
            .Select(n => (Node: n, Parameter: network.Parameters.FirstOrDefault(p => p.Value == n.Input(1))))
            .Where(l => l.Parameter is not null)
            .DistinctBy(l => l.Parameter)
            .Select(l => new Layer(l.Node, l.Parameter!, l.Node.Operator is DepthwiseConv2D))];
        if (Layers.Count == 0)
        {
            throw new InputException("the network has no weights to prune");
        }
    }

    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Weights that are not masked, as a share of all.</summary>
    public double Density => (double)Layers.Sum(l => l.Alive) / Layers.Sum(l => l.Parameter.Data.Length);

    /// <summary>Masks and sets to zero all but the groups of the largest root mean square.</summary>
    /// <param name="keep">The share of the weights to leave.</param>
    /// <param name="perLayer">Whether each layer keeps this share.</param>
    public void Apply(double keep, bool perLayer)
    {
        if (perLayer)
        {
            foreach (Layer layer in Layers)
            {
                Mask([layer], keep);
            }
        }
        else
        {
            Mask(Layers, keep);
        }
    }

    /// <summary>Masks of what is zero already, so that retraining a pruned network keeps it pruned.</summary>
    public static void FromZeros(TrainableNetwork network)
    {
        foreach (Layer layer in new MagnitudeMasks(network, 1).Layers)
        {
            float[] data = layer.Parameter.Data;
            if (data.AsSpan().Contains(0f))
            {
                layer.Parameter.Mask = Array.ConvertAll(data, w => w == 0 ? 0f : 1f);
            }
        }
    }

    private void Mask(IReadOnlyList<Layer> layers, double keep)
    {
        var groups = new List<(float Score, int Layer, int Index, int Size)>();
        for (int l = 0; l < layers.Count; l++)
        {
            AddGroups(layers[l], l, groups);
        }

        // Ties by place: the same weights give the same masks on every machine.
        groups.Sort((a, b) => b.Score != a.Score ? b.Score.CompareTo(a.Score) : a.Layer != b.Layer ? a.Layer.CompareTo(b.Layer) : a.Index.CompareTo(b.Index));
        float[][] masks = [.. layers.Select(l => new float[l.Parameter.Data.Length])];
        double room = keep * layers.Sum(l => (double)l.Parameter.Data.Length);
        var used = new bool[layers.Count];
        foreach ((_, int l, int index, int size) in groups)
        {
            // A layer without any weight would cut the network in two: its largest group always stays.
            if (room < size - 0.5 && used[l])
            {
                continue;
            }

            used[l] = true;
            room -= size;
            for (int i = 0; i < size; i++)
            {
                masks[l][index + (i * layers[l].ChannelStride)] = 1;
            }
        }

        for (int l = 0; l < layers.Count; l++)
        {
            layers[l].SetMask(masks[l]);
        }
    }

    private void AddGroups(Layer layer, int number, List<(float, int, int, int)> groups)
    {
        float[] data = layer.Parameter.Data;
        for (int channel = 0; channel < layer.Channels; channel += _block)
        {
            int size = Math.Min(_block, layer.Channels - channel);
            for (int place = 0; place < layer.Places; place++)
            {
                int index = layer.IndexOf(channel, place);
                float sum = 0;
                for (int i = 0; i < size; i++)
                {
                    float w = data[index + (i * layer.ChannelStride)];
                    sum += w * w;
                }

                groups.Add((sum / size, number, index, size));
            }
        }
    }

    /// <summary>The weights of one operator.</summary>
    internal sealed class Layer(Node node, Parameter parameter, bool isDepthwise)
    {
        public Node Node { get; } = node;

        public Parameter Parameter { get; } = parameter;

        /// <summary>Output channels.</summary>
        public int Channels { get; } = parameter.Value.Shape[isDepthwise ? 3 : 0];

        /// <summary>Weights of an output channel.</summary>
        public int Places => Parameter.Data.Length / Channels;

        /// <summary>From a weight to that of the next output channel at the same place.</summary>
        public int ChannelStride => isDepthwise ? 1 : Places;

        /// <summary>Weights that are left.</summary>
        public int Alive => Parameter.Mask is { } mask ? mask.Count(m => m != 0) : Parameter.Data.Length;

        public int IndexOf(int channel, int place) => isDepthwise ? (place * Channels) + channel : (channel * Places) + place;

        public void SetMask(float[] mask)
        {
            Parameter.Mask = mask;
            for (int i = 0; i < mask.Length; i++)
            {
                Parameter.Data[i] *= mask[i];
            }
        }
    }
}
