using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>Rows of a table [V,D] at the indices that the input holds: [T] indices a sample to [T,D]. Only the rows in use learn.</summary>
internal sealed class EmbeddingLayer : Layer
{
    private readonly Parameter _table;
    private readonly Value _indices;
    private readonly int _depth;

    public EmbeddingLayer(Node node, Parameter table)
        : base(node)
    {
        if (node.Operator is not Gather { Axis: 0 } || node.Input(0).Shape.Rank != 2 || node.Input(1).IsConstant)
        {
            throw new InputException($"{node}: only rows of a constant table can be looked up in training");
        }

        _table = table;
        _indices = node.Input(1);
        _depth = table.Value.Shape[1];
    }

    /// <exception cref="InputException">An index lies outside the table.</exception>
    public override void Forward(Shard shard)
    {
        Span<float> indices = shard.Activation(_indices);
        Span<float> y = shard.Activation(Output);
        for (int i = 0; i < indices.Length; i++)
        {
            _table.Data.AsSpan(Row(indices[i]), _depth).CopyTo(y[(i * _depth)..]);
        }
    }

    public override void Backward(Shard shard)
    {
        Span<float> indices = shard.Activation(_indices);
        Span<float> dy = shard.Gradient(Output);
        Span<float> gradient = shard.Gradient(_table);
        for (int i = 0; i < indices.Length; i++)
        {
            Span<float> target = gradient.Slice(Row(indices[i]), _depth);
            TensorPrimitives.Add(target, dy.Slice(i * _depth, _depth), target);
        }
    }

    private int Row(float index) => index >= 0 && index < _table.Value.Shape[0]
        ? (int)index * _depth
        : throw new InputException($"{Node}: index {index} is not one of the table's {_table.Value.Shape[0]} rows");
}
