using System.Runtime.CompilerServices;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Training.Layers;

/// <summary>
/// Transposed convolution: what a convolution does backward. Each input pixel's windows [KH*KW*O] = W' x are added into the image; W' [KH*KW*O, C]
/// are the weights [O,KH,KW,C] with their outputs moved behind the window. Backward: with the windows of dy, dx = windows W', dW' = windows^T x.
/// </summary>
internal sealed class TransposeConv2DLayer : Layer
{
    private readonly Parameter _weights;
    private readonly Parameter? _bias;
    private readonly Window _window;
    private readonly int _channels;
    private readonly int _outputs;
    private readonly int _taps;
    private readonly int _positions;
    private readonly ConditionalWeakTable<Shard, Buffers> _buffers = [];

    public TransposeConv2DLayer(Node node, Parameter weights, Parameter? bias)
        : base(node)
    {
        var conv = (TransposeConv2D)node.Operator;
        if (conv.Groups != 1)
        {
            throw new InputException($"{node}: a transposed convolution in groups can't be trained");
        }

        _weights = weights;
        _bias = bias;
        _window = conv.Window;
        _outputs = weights.Value.Shape[0];
        _channels = weights.Value.Shape[3];
        _taps = weights.Value.Shape[1] * weights.Value.Shape[2];
        _positions = Input.Shape[1] * Input.Shape[2];
    }

    private int WindowSize => _taps * _outputs;

    public override void Forward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> y = shard.Activation(Output);
        if (_bias is null)
        {
            y.Clear();
        }
        else
        {
            Bias.Fill(y, _bias.Data);
        }

        Buffers buffers = BuffersOf(shard);
        Swap(_weights.Data, buffers.Weights, toWindows: true);
        int outputSize = Output.Shape.ElementCount;
        for (int n = 0; n < shard.Samples; n++)
        {
            Gemm.Multiply(false, true, _positions, WindowSize, _channels, Image(x, n), _channels, buffers.Weights, _channels, buffers.Columns, WindowSize, false);
            Windows.ScatterAdd(buffers.Columns, y.Slice(n * outputSize, outputSize), Output.Shape, Input.Shape, _window);
        }
    }

    public override void Backward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> dy = shard.Gradient(Output);
        Span<float> dx = shard.NeedsGradient(Input) ? shard.Gradient(Input) : default;
        if (_bias is not null)
        {
            Bias.AddSums(dy, shard.Gradient(_bias));
        }

        Buffers buffers = BuffersOf(shard);
        Swap(_weights.Data, buffers.Weights, toWindows: true);
        buffers.Gradient.AsSpan().Clear();
        int outputSize = Output.Shape.ElementCount;
        for (int n = 0; n < shard.Samples; n++)
        {
            Windows.Gather(dy.Slice(n * outputSize, outputSize), Output.Shape, Input.Shape, _window, buffers.Columns);
            Gemm.Multiply(true, false, WindowSize, _channels, _positions, buffers.Columns, WindowSize, Image(x, n), _channels, buffers.Gradient, _channels, true);
            if (!dx.IsEmpty)
            {
                Gemm.Multiply(false, false, _positions, _channels, WindowSize, buffers.Columns, WindowSize, buffers.Weights, _channels, Image(dx, n), _channels, true);
            }
        }

        Swap(buffers.Gradient, shard.Gradient(_weights), toWindows: false);
    }

    private Span<float> Image(Span<float> all, int sample) => all.Slice(sample * _positions * _channels, _positions * _channels);

    private Buffers BuffersOf(Shard shard) => _buffers.GetValue(shard, _ => new Buffers(
        new float[_positions * WindowSize], new float[WindowSize * _channels], new float[WindowSize * _channels]));

    /// <summary>[O,taps,C] to [taps,O,C], or adds the other way round.</summary>
    private void Swap(ReadOnlySpan<float> source, Span<float> target, bool toWindows)
    {
        for (int o = 0; o < _outputs; o++)
        {
            for (int tap = 0; tap < _taps; tap++)
            {
                int plain = ((o * _taps) + tap) * _channels;
                int swapped = ((tap * _outputs) + o) * _channels;
                if (toWindows)
                {
                    source.Slice(plain, _channels).CopyTo(target[swapped..]);
                }
                else
                {
                    Bias.AddSums(source.Slice(swapped, _channels), target.Slice(plain, _channels));
                }
            }
        }
    }

    /// <param name="Columns">[H*W, KH*KW*O].</param>
    /// <param name="Weights">W'.</param>
    /// <param name="Gradient">dW'.</param>
    private sealed record Buffers(float[] Columns, float[] Weights, float[] Gradient);
}
