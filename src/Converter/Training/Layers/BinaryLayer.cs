using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>Sum, difference or product of two activations of one shape.</summary>
internal sealed class BinaryLayer : Layer
{
    private readonly BinaryFunction _function;
    private readonly Value _b;

    public BinaryLayer(Node node)
        : base(node)
    {
        _function = ((Binary)node.Operator).Function;
        _b = node.Input(1);
        if (_b.IsConstant || Input.IsConstant || !_b.Shape.Equals(Input.Shape) || _function > BinaryFunction.Mul)
        {
            throw new InputException($"{node}: only Add, Sub and Mul of two activations of one shape can be trained");
        }
    }

    public override void Forward(Shard shard)
    {
        Span<float> a = shard.Activation(Input);
        Span<float> b = shard.Activation(_b);
        Span<float> y = shard.Activation(Output);
        switch (_function)
        {
            case BinaryFunction.Add:
                TensorPrimitives.Add(a, b, y);
                break;
            case BinaryFunction.Sub:
                TensorPrimitives.Subtract(a, b, y);
                break;
            default:
                TensorPrimitives.Multiply(a, b, y);
                break;
        }
    }

    public override void Backward(Shard shard)
    {
        AddGradient(shard, Input, _b);
        AddGradient(shard, _b, Input);
    }

    private void AddGradient(Shard shard, Value operand, Value other)
    {
        if (!shard.NeedsGradient(operand))
        {
            return;
        }

        Span<float> dy = shard.Gradient(Output);
        Span<float> dx = shard.Gradient(operand);
        if (_function == BinaryFunction.Mul)
        {
            TensorPrimitives.MultiplyAdd(dy, shard.Activation(other), dx, dx);
        }
        else if (_function == BinaryFunction.Sub && operand == _b)
        {
            TensorPrimitives.Subtract(dx, dy, dx);
        }
        else
        {
            TensorPrimitives.Add(dx, dy, dx);
        }
    }
}
