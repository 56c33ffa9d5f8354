using TinyInference.Converter.Graphs;
using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Training.Layers;

/// <summary>y = x W^T + b for x [rows, K], W [O, K]; dW = dy^T x, dx = dy W, db = the columns' sums of dy.</summary>
internal sealed class FullyConnectedLayer(Node node, Parameter weights, Parameter? bias) : Layer(node)
{
    private readonly int _inputs = weights.Value.Shape[1];
    private readonly int _outputs = weights.Value.Shape[0];

    public override void Forward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> y = shard.Activation(Output);
        if (bias is not null)
        {
            Bias.Fill(y, bias.Data);
        }

        Gemm.Multiply(false, true, x.Length / _inputs, _outputs, _inputs, x, _inputs, weights.Data, _inputs, y, _outputs, bias is not null);
    }

    public override void Backward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> dy = shard.Gradient(Output);
        int rows = x.Length / _inputs;
        Gemm.Multiply(true, false, _outputs, _inputs, rows, dy, _outputs, x, _inputs, shard.Gradient(weights), _inputs, true);
        if (bias is not null)
        {
            Bias.AddSums(dy, shard.Gradient(bias));
        }

        if (shard.NeedsGradient(Input))
        {
            Span<float> dx = shard.GradientTarget(Input, out bool accumulate);
            Gemm.Multiply(false, false, rows, _inputs, _outputs, dy, _outputs, weights.Data, _inputs, dx, _inputs, accumulate);
        }
    }
}
