using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>Operators that only move elements: Pad, Slice, Transpose, Concat, Resize to the nearest. The gradient goes where the element came from.</summary>
internal sealed class MoveLayer : Layer
{
    private readonly int[] _map;
    private readonly float _fill;

    public MoveLayer(Node node)
        : base(node)
    {
        if (node.Inputs.Any(v => v is null || v.Shape.Rank == 0 || v.Shape[0] != 1) || node.Output.Shape[0] != 1)
        {
            throw new InputException($"{node}: moves elements between samples and can't be trained");
        }

        Node plain = node;
        if (node.Operator is Pad { Mode: PadMode.Constant } pad)
        {
            _fill = pad.Value;
            plain = new Node(node.Name, pad with { Value = 0 }, node.Inputs, node.Outputs);
        }

        _map = ElementMap.Of(plain, [.. node.Inputs.OfType<Value>().Distinct()]);
        if (node.Inputs.Distinct().Count() != node.Inputs.Count)
        {
            throw new InputException($"{node}: reads one value twice and can't be trained");
        }
    }

    public override void Forward(Shard shard)
    {
        Span<float> y = shard.Activation(Output);
        int size = _map.Length;
        int first = 0;
        foreach (Value input in Node.Inputs.OfType<Value>())
        {
            Span<float> x = shard.Activation(input);
            int elements = input.Shape.ElementCount;
            for (int n = 0; n < shard.Samples; n++)
            {
                Span<float> target = y.Slice(n * size, size);
                Span<float> source = input.IsConstant ? x : x.Slice(n * elements, elements);
                for (int i = 0; i < size; i++)
                {
                    int from = _map[i] - first;
                    if ((uint)from < (uint)source.Length)
                    {
                        target[i] = source[from];
                    }
                    else if (_map[i] < 0)
                    {
                        target[i] = _fill;
                    }
                }
            }

            first += elements;
        }
    }

    public override void Backward(Shard shard)
    {
        Span<float> dy = shard.Gradient(Output);
        int size = _map.Length;
        int first = 0;
        foreach (Value input in Node.Inputs.OfType<Value>())
        {
            int elements = input.Shape.ElementCount;
            if (shard.NeedsGradient(input))
            {
                Span<float> dx = shard.Gradient(input);
                for (int n = 0; n < shard.Samples; n++)
                {
                    Span<float> source = dy.Slice(n * size, size);
                    Span<float> target = dx.Slice(n * elements, elements);
                    for (int i = 0; i < size; i++)
                    {
                        int to = _map[i] - first;
                        if ((uint)to < (uint)target.Length)
                        {
                            target[to] += source[i];
                        }
                    }
                }
            }

            first += elements;
        }
    }
}
