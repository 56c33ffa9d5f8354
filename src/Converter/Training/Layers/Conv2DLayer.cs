using System.Runtime.CompilerServices;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Training.Layers;

/// <summary>
/// Convolution as a matrix product: each image becomes the matrix of its windows [OH*OW, KH*KW*C] (im2col), a pointwise
/// convolution is that matrix already. Backward: dW = dy^T windows, d(windows) = dy W, scattered back into the image.
/// </summary>
internal sealed class Conv2DLayer : Layer
{
    private readonly Parameter _weights;
    private readonly Parameter? _bias;
    private readonly Window _window;
    private readonly bool _pointwise;
    private readonly int _outputs;
    private readonly int _windowSize;
    private readonly int _positions;
    private readonly ConditionalWeakTable<Shard, float[]> _columns = [];

    public Conv2DLayer(Node node, Parameter weights, Parameter? bias)
        : base(node)
    {
        var conv = (Conv2D)node.Operator;
        if (conv.Groups != 1)
        {
            throw new InputException($"{node}: grouped convolutions can't be trained yet; use a depthwise or an ordinary one");
        }

        _weights = weights;
        _bias = bias;
        _window = conv.Window;
        _outputs = weights.Value.Shape[0];
        _windowSize = weights.Value.Shape.ElementCount / _outputs;
        _positions = Output.Shape[1] * Output.Shape[2];
        _pointwise = _window is { KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1, HasPadding: false };
    }

    public override void Forward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> y = shard.Activation(Output);
        if (_bias is not null)
        {
            Bias.Fill(y, _bias.Data);
        }

        if (_pointwise)
        {
            Gemm.Multiply(false, true, shard.Samples * _positions, _outputs, _windowSize, x, _windowSize, _weights.Data, _windowSize, y, _outputs, _bias is not null);
            return;
        }

        int inputSize = Input.Shape.ElementCount;
        int outputSize = Output.Shape.ElementCount;
        float[] columns = _columns.GetValue(shard, _ => new float[_positions * _windowSize]);
        for (int n = 0; n < shard.Samples; n++)
        {
            Windows.Gather(x.Slice(n * inputSize, inputSize), Input.Shape, Output.Shape, _window, columns);
            Gemm.Multiply(false, true, _positions, _outputs, _windowSize, columns, _windowSize, _weights.Data, _windowSize, y.Slice(n * outputSize, outputSize), _outputs, _bias is not null);
        }
    }

    public override void Backward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> dy = shard.Gradient(Output);
        Span<float> dw = shard.Gradient(_weights);
        Span<float> dx = shard.NeedsGradient(Input) ? shard.Gradient(Input) : default;
        if (_bias is not null)
        {
            Bias.AddSums(dy, shard.Gradient(_bias));
        }

        if (_pointwise)
        {
            int rows = shard.Samples * _positions;
            Gemm.Multiply(true, false, _outputs, _windowSize, rows, dy, _outputs, x, _windowSize, dw, _windowSize, true);
            if (!dx.IsEmpty)
            {
                Gemm.Multiply(false, false, rows, _windowSize, _outputs, dy, _outputs, _weights.Data, _windowSize, dx, _windowSize, true);
            }

            return;
        }

        int inputSize = Input.Shape.ElementCount;
        int outputSize = Output.Shape.ElementCount;
        float[] columns = _columns.GetValue(shard, _ => new float[_positions * _windowSize]);
        for (int n = 0; n < shard.Samples; n++)
        {
            Span<float> dyOne = dy.Slice(n * outputSize, outputSize);
            Windows.Gather(x.Slice(n * inputSize, inputSize), Input.Shape, Output.Shape, _window, columns);
            Gemm.Multiply(true, false, _outputs, _windowSize, _positions, dyOne, _outputs, columns, _windowSize, dw, _windowSize, true);
            if (!dx.IsEmpty)
            {
                Gemm.Multiply(false, false, _positions, _windowSize, _outputs, dyOne, _outputs, _weights.Data, _windowSize, columns, _windowSize, false);
                Windows.ScatterAdd(columns, dx.Slice(n * inputSize, inputSize), Input.Shape, Output.Shape, _window);
            }
        }
    }
}
