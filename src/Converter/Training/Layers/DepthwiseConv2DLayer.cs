using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>Depthwise convolution with one output channel for each input channel; vectors run over channels.</summary>
internal sealed class DepthwiseConv2DLayer : Layer
{
    private readonly Parameter _weights;
    private readonly Parameter? _bias;
    private readonly Window _window;

    public DepthwiseConv2DLayer(Node node, Parameter weights, Parameter? bias)
        : base(node)
    {
        if (weights.Value.Shape[3] != Input.Shape[3])
        {
            throw new InputException($"{node}: a depthwise convolution with a multiplier above 1 can't be trained yet");
        }

        _weights = weights;
        _bias = bias;
        _window = ((DepthwiseConv2D)node.Operator).Window;
    }

    public override void Forward(Shard shard)
    {
        Span<float> y = shard.Activation(Output);
        if (_bias is null)
        {
            y.Clear();
        }
        else
        {
            Bias.Fill(y, _bias.Data);
        }

        int channels = Input.Shape[3];
        Span<float> x = shard.Activation(Input);
        Span<float> weights = _weights.Data;
        foreach (Tap tap in Taps(shard.Samples))
        {
            Span<float> target = y.Slice(tap.Output, channels);
            TensorPrimitives.MultiplyAdd(x.Slice(tap.Input, channels), weights.Slice(tap.Kernel, channels), target, target);
        }
    }

    public override void Backward(Shard shard)
    {
        int channels = Input.Shape[3];
        Span<float> x = shard.Activation(Input);
        Span<float> dy = shard.Gradient(Output);
        Span<float> weights = _weights.Data;
        Span<float> dw = shard.Gradient(_weights);
        bool needsInput = shard.NeedsGradient(Input);
        Span<float> dx = needsInput ? shard.Gradient(Input) : default;
        if (_bias is not null)
        {
            Bias.AddSums(dy, shard.Gradient(_bias));
        }

        foreach (Tap tap in Taps(shard.Samples))
        {
            Span<float> dyOne = dy.Slice(tap.Output, channels);
            Span<float> dwOne = dw.Slice(tap.Kernel, channels);
            TensorPrimitives.MultiplyAdd(x.Slice(tap.Input, channels), dyOne, dwOne, dwOne);
            if (needsInput)
            {
                Span<float> dxOne = dx.Slice(tap.Input, channels);
                TensorPrimitives.MultiplyAdd(weights.Slice(tap.Kernel, channels), dyOne, dxOne, dxOne);
            }
        }
    }

    /// <summary>Where one kernel element meets the image: offsets of channel 0 in x, kernel and y.</summary>
    private readonly record struct Tap(int Input, int Kernel, int Output);

    private IEnumerable<Tap> Taps(int samples)
    {
        int height = Input.Shape[1], width = Input.Shape[2], channels = Input.Shape[3];
        int output = 0;
        for (int n = 0; n < samples; n++)
        {
            int image = n * height * width;
            for (int oh = 0; oh < Output.Shape[1]; oh++)
            {
                for (int ow = 0; ow < Output.Shape[2]; ow++, output += channels)
                {
                    for (int kh = 0; kh < _window.KernelH; kh++)
                    {
                        int h = (oh * _window.StrideH) - _window.PadTop + (kh * _window.DilationH);
                        for (int kw = 0; kw < _window.KernelW; kw++)
                        {
                            int w = (ow * _window.StrideW) - _window.PadLeft + (kw * _window.DilationW);
                            if ((uint)h < (uint)height && (uint)w < (uint)width)
                            {
                                yield return new Tap((image + (h * width) + w) * channels, ((kh * _window.KernelW) + kw) * channels, output);
                            }
                        }
                    }
                }
            }
        }
    }
}
