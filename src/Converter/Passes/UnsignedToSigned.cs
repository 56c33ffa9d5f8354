namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>
/// Quantized unsigned bytes become signed ones: element and zero point both less by 128, which leaves the reals as they are.
/// Inputs and outputs of the graph change their element type with it.
/// </summary>
internal sealed class UnsignedToSigned : IGraphPass
{
    public string Name => nameof(UnsignedToSigned);

    public string Description => "turns quantized uint8 values into int8 ones (128 less)";

    public int Apply(Graph graph)
    {
        int changes = 0;
        ILookup<Value, Node> consumers = graph.Consumers();
        Dictionary<Value, Node> producers = graph.Producers();
        foreach (Value value in graph.Values().Where(v => v.Type == ElementType.UInt8 && v.Quantization is not null).ToArray())
        {
            // A Cast means the stored integer itself and not the real that it stands for.
            if (consumers[value].Any(n => n.Operator is Cast) || (producers.TryGetValue(value, out Node? producer) && producer.Operator is Cast))
            {
                continue;
            }

            QuantizationParameters old = value.Quantization!;
            value.Quantization = old with { ZeroPoints = Array.ConvertAll(old.ZeroPoints, z => z - 128) };
            value.Type = ElementType.Int8;
            if (value.Constant is { } constant)
            {
                value.Constant = new Tensor(constant.Shape, Array.ConvertAll((byte[])constant.Data, b => (sbyte)(b - 128)));
            }

            changes++;
        }

        return changes;
    }
}
