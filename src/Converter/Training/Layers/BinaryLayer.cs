using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>Arithmetic of two operands, broadcast as NumPy does. A constant operand stays as it is.</summary>
internal sealed class BinaryLayer : Layer
{
    private readonly BinaryFunction _function;
    private readonly Value _b;

    /// <summary>For each element of an output sample, its element of either operand; null where shapes are equal and no operand is constant.</summary>
    private readonly (int[] A, int[] B)? _maps;

    public BinaryLayer(Node node)
        : base(node)
    {
        _function = ((Binary)node.Operator).Function;
        _b = node.Input(1);
        if (_function > BinaryFunction.Max)
        {
            throw new InputException($"{node}: {node.Operator.Kind} can't be trained");
        }

        if (_b.IsConstant || Input.IsConstant || !_b.Shape.Equals(Input.Shape))
        {
            var sum = new Node(node.Name, new Binary(BinaryFunction.Add, Clamp.None), node.Inputs, node.Outputs);
            _maps = Input == _b ? throw new InputException($"{node}: a constant alone can't be trained") : (ElementMap.Of(sum, Input), ElementMap.Of(sum, _b));
        }
    }

    public override void Forward(Shard shard)
    {
        Span<float> a = shard.Activation(Input);
        Span<float> b = shard.Activation(_b);
        Span<float> y = shard.Activation(Output);
        if (_maps is null && _function == BinaryFunction.Add)
        {
            TensorPrimitives.Add(a, b, y);
            return;
        }

        for (int i = 0; i < y.Length; i++)
        {
            (int p, int q) = Operands(i);
            y[i] = _function switch
            {
                BinaryFunction.Add => a[p] + b[q],
                BinaryFunction.Sub => a[p] - b[q],
                BinaryFunction.Mul => a[p] * b[q],
                BinaryFunction.Div => a[p] / b[q],
                BinaryFunction.Min => Math.Min(a[p], b[q]),
                _ => Math.Max(a[p], b[q]),
            };
        }
    }

    public override void Backward(Shard shard)
    {
        Span<float> dy = shard.Gradient(Output);
        bool needsA = !Input.IsConstant && shard.NeedsGradient(Input);
        bool needsB = !_b.IsConstant && shard.NeedsGradient(_b);
        if (_maps is null && _function == BinaryFunction.Add)
        {
            if (needsA)
            {
                Gradients.Add(shard, Input, dy);
            }

            if (needsB)
            {
                Gradients.Add(shard, _b, dy);
            }

            return;
        }

        Span<float> a = shard.Activation(Input);
        Span<float> b = shard.Activation(_b);
        Span<float> da = needsA ? shard.Gradient(Input) : default;
        Span<float> db = needsB ? shard.Gradient(_b) : default;
        for (int i = 0; i < dy.Length; i++)
        {
            (int p, int q) = Operands(i);
            (float byA, float byB) = Derivatives(a[p], b[q]);
            if (needsA)
            {
                da[p] += dy[i] * byA;
            }

            if (needsB)
            {
                db[q] += dy[i] * byB;
            }
        }
    }

    /// <summary>Where the operands of output element <paramref name="i"/> of a shard are.</summary>
    private (int A, int B) Operands(int i)
    {
        if (_maps is not { } maps)
        {
            return (i, i);
        }

        int sample = i / maps.A.Length;
        int element = i % maps.A.Length;
        return (
            maps.A[element] + (Input.IsConstant ? 0 : sample * Input.Shape.ElementCount),
            maps.B[element] + (_b.IsConstant ? 0 : sample * _b.Shape.ElementCount));
    }

    private (float ByA, float ByB) Derivatives(float a, float b) => _function switch
    {
        BinaryFunction.Add => (1, 1),
        BinaryFunction.Sub => (1, -1),
        BinaryFunction.Mul => (b, a),
        BinaryFunction.Div => (1 / b, -a / (b * b)),
        BinaryFunction.Min => a <= b ? (1, 0) : (0, 1),
        _ => a >= b ? (1, 0) : (0, 1),
    };
}
