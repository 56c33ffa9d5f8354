using System.Runtime.CompilerServices;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Training.Layers;

/// <summary>
/// Convolution as a matrix product: each image becomes the matrix of its windows [OH*OW, KH*KW*C] (im2col), a pointwise
/// convolution is that matrix already. Backward: dW = dy^T windows, d(windows) = dy W, scattered back into the image. Of a grouped
/// convolution, each group is a convolution of a part of the channels.
/// </summary>
internal sealed class Conv2DLayer : Layer
{
    private readonly Parameter _weights;
    private readonly Parameter? _bias;
    private readonly Window _window;
    private readonly bool _pointwise;
    private readonly int _groups;
    private readonly int _outputs;
    private readonly int _groupOutputs;
    private readonly int _windowSize;
    private readonly int _positions;
    private readonly int _inputSize;
    private readonly int _outputSize;
    private readonly Shape _groupInput;
    private readonly ConditionalWeakTable<Shard, Buffers> _buffers = [];

    public Conv2DLayer(Node node, Parameter weights, Parameter? bias)
        : base(node)
    {
        var conv = (Conv2D)node.Operator;
        _weights = weights;
        _bias = bias;
        _window = conv.Window;
        _groups = conv.Groups;
        _outputs = weights.Value.Shape[0];
        _groupOutputs = _outputs / _groups;
        _windowSize = weights.Value.Shape.ElementCount / _outputs;
        _positions = Output.Shape[1] * Output.Shape[2];
        _inputSize = Input.Shape.ElementCount;
        _outputSize = Output.Shape.ElementCount;
        _groupInput = Input.Shape.With(-1, Input.Shape[3] / _groups);
        _pointwise = _groups == 1 && _window is { KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1, HasPadding: false };
    }

    private bool HasBias => _bias is not null;

    public override void Forward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> y = shard.Activation(Output);
        if (_bias is not null)
        {
            Bias.Fill(y, _bias.Data);
        }

        for (int group = 0; group < _groups; group++)
        {
            var weights = new PackedMatrix(true, _groupOutputs, _windowSize, GroupWeights(_weights.Data, group), _windowSize);
            if (_pointwise)
            {
                Gemm.Multiply(false, shard.Samples * _positions, x, _windowSize, weights, y, _outputs, HasBias);
                continue;
            }

            Buffers buffers = BuffersOf(shard);
            for (int n = 0; n < shard.Samples; n++)
            {
                Gather(x.Slice(n * _inputSize, _inputSize), group, buffers);
                Gemm.Multiply(false, _positions, buffers.Columns, _windowSize, weights, Outputs(y, n, group), _outputs, HasBias);
            }
        }
    }

    public override void Backward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> dy = shard.Gradient(Output);
        Span<float> dw = shard.Gradient(_weights);
        bool accumulate = true;
        Span<float> dx = shard.NeedsGradient(Input) ? shard.GradientTarget(Input, out accumulate) : default;
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
                Gemm.Multiply(false, false, rows, _windowSize, _outputs, dy, _outputs, _weights.Data, _windowSize, dx, _windowSize, accumulate);
            }

            return;
        }

        if (!accumulate)
        {
            dx.Clear();
        }

        Buffers buffers = BuffersOf(shard);
        for (int group = 0; group < _groups; group++)
        {
            var weights = new PackedMatrix(false, _windowSize, _groupOutputs, GroupWeights(_weights.Data, group), _windowSize);
            for (int n = 0; n < shard.Samples; n++)
            {
                Span<float> dyOne = Outputs(dy, n, group);
                Gather(x.Slice(n * _inputSize, _inputSize), group, buffers);
                Gemm.Multiply(true, false, _groupOutputs, _windowSize, _positions, dyOne, _outputs, buffers.Columns, _windowSize, GroupWeights(dw, group), _windowSize, true);
                if (!dx.IsEmpty)
                {
                    Gemm.Multiply(false, _positions, dyOne, _outputs, weights, buffers.Columns, _windowSize, false);
                    ScatterAdd(buffers, dx.Slice(n * _inputSize, _inputSize), group);
                }
            }
        }
    }

    private Buffers BuffersOf(Shard shard) => _buffers.GetValue(shard, _ => new Buffers(new float[_positions * _windowSize], _groups == 1 ? [] : new float[_groupInput.ElementCount]));

    private Span<float> GroupWeights(Span<float> weights, int group) => weights.Slice(group * _groupOutputs * _windowSize, _groupOutputs * _windowSize);

    private Span<float> Outputs(Span<float> all, int sample, int group) => all.Slice(sample * _outputSize, _outputSize)[(group * _groupOutputs)..];

    private void Gather(ReadOnlySpan<float> image, int group, Buffers buffers)
    {
        if (_groups > 1)
        {
            int channels = _groupInput[3];
            for (int i = 0; i < buffers.Image.Length; i += channels)
            {
                image.Slice((i * _groups) + (group * channels), channels).CopyTo(buffers.Image.AsSpan(i));
            }

            image = buffers.Image;
        }

        Windows.Gather(image, _groupInput, Output.Shape, _window, buffers.Columns);
    }

    private void ScatterAdd(Buffers buffers, Span<float> image, int group)
    {
        if (_groups == 1)
        {
            Windows.ScatterAdd(buffers.Columns, image, _groupInput, Output.Shape, _window);
            return;
        }

        int channels = _groupInput[3];
        buffers.Image.AsSpan().Clear();
        Windows.ScatterAdd(buffers.Columns, buffers.Image, _groupInput, Output.Shape, _window);
        for (int i = 0; i < buffers.Image.Length; i += channels)
        {
            Bias.AddSums(buffers.Image.AsSpan(i, channels), image.Slice((i * _groups) + (group * channels), channels));
        }
    }

    /// <param name="Columns">[OH*OW, KH*KW*C].</param>
    /// <param name="Image">The channels of one group, [H,W,C]; empty where there is only one.</param>
    private sealed record Buffers(float[] Columns, float[] Image);
}
