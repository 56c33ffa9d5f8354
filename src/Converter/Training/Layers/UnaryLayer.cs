using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>An activation function other than a clamp, element by element.</summary>
internal sealed class UnaryLayer : Layer
{
    private readonly Form _form;

    public UnaryLayer(Node node)
        : base(node)
    {
        var unary = (Unary)node.Operator;
        float alpha = unary.Alpha;
        float beta = unary.Beta;
        _form = unary.Function switch
        {
            UnaryFunction.LeakyRelu => new(x => x >= 0 ? x : alpha * x, (x, _) => x >= 0 ? 1 : alpha),
            UnaryFunction.Sigmoid => new(x => 1 / (1 + MathF.Exp(-x)), (_, y) => y * (1 - y)),
            UnaryFunction.Tanh => new(MathF.Tanh, (_, y) => 1 - (y * y)),
            UnaryFunction.HardSigmoid => new(x => Math.Clamp((alpha * x) + beta, 0, 1), (_, y) => y is > 0 and < 1 ? alpha : 0),
            UnaryFunction.HardSwish => new(x => x * Math.Clamp((x / 6) + 0.5f, 0, 1), (x, _) => x <= -3 ? 0 : x >= 3 ? 1 : (x / 3) + 0.5f),
            UnaryFunction.Elu => new(x => x >= 0 ? x : alpha * (MathF.Exp(x) - 1), (x, y) => x >= 0 ? 1 : y + alpha),
            UnaryFunction.Softplus => new(x => x > 20 ? x : MathF.Log(1 + MathF.Exp(x)), (x, _) => 1 / (1 + MathF.Exp(-x))),
            UnaryFunction.Exp => new(MathF.Exp, (_, y) => y),
            UnaryFunction.Square => new(x => x * x, (x, _) => 2 * x),
            UnaryFunction.Neg => new(x => -x, (_, _) => -1),
            UnaryFunction.Abs => new(MathF.Abs, (x, _) => x > 0 ? 1 : x < 0 ? -1 : 0),
            _ => throw new InputException($"{node}: {unary.Kind} can't be trained"),
        };
    }

    public override void Forward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> y = shard.Activation(Output);
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = _form.Function(x[i]);
        }
    }

    public override void Backward(Shard shard)
    {
        if (!shard.NeedsGradient(Input))
        {
            return;
        }

        Span<float> x = shard.Activation(Input);
        Span<float> y = shard.Activation(Output);
        Span<float> dx = shard.Gradient(Input);
        Span<float> dy = shard.Gradient(Output);
        for (int i = 0; i < y.Length; i++)
        {
            dx[i] += dy[i] * _form.Derivative(x[i], y[i]);
        }
    }

    /// <summary>y from x, and dy/dx from x and y.</summary>
    private sealed record Form(Func<float, float> Function, Func<float, float, float> Derivative);
}
