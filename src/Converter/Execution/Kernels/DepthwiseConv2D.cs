using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>DepthwiseConv2D, straight from its definition: sums of the taps of each output pixel, several channels at a time.</summary>
internal sealed class DepthwiseConv2DKernel
{
    private readonly Window _window;
    private readonly Clamp _clamp;
    private readonly Shape _input;
    private readonly Shape _output;
    private readonly int _multiplier;

    private DepthwiseConv2DKernel(Node node)
    {
        var conv = (DepthwiseConv2D)node.Operator;
        (_window, _clamp) = (conv.Window, conv.Clamp);
        Check.Reals(node);
        _input = Check.Rank(node, 0, 4);
        Shape weights = Check.Rank(node, 1, 4);
        int outputs = weights[3];
        _multiplier = _input[3] == 0 ? 0 : outputs / _input[3];
        Check.That(node, weights[0] == 1 && _multiplier * _input[3] == outputs, $"weights {weights} for input {_input}");
        Check.That(node, weights[1] == _window.KernelH && weights[2] == _window.KernelW, $"weights {weights} for a window of {_window.KernelH}x{_window.KernelW}");
        Check.That(node, node.OptionalInput(2) is not { } bias || bias.Shape.ElementCount == outputs, "bias does not fit the weights");
        Check.Output(node, _input[0], _window.OutputHeight(_input[1]), _window.OutputWidth(_input[2]), outputs);
        _output = node.Output.Shape;
    }

    public static Kernel Make(Node node, Tensor?[] constants) => new DepthwiseConv2DKernel(node).Run;

    private void Run(Tensor?[] inputs, Tensor output)
    {
        Span<float> y = output.Floats;
        Activation.FillBias(inputs.Length > 2 && inputs[2] is { } bias ? bias.Floats : [], y);
        int channels = _output[3];
        for (int pixel = 0; pixel * channels < y.Length; pixel++)
        {
            AddTaps(inputs[0]!.Floats, inputs[1]!.Floats, pixel, y.Slice(pixel * channels, channels));
        }

        Activation.Apply(_clamp, y);
    }

    private void AddTaps(ReadOnlySpan<float> x, ReadOnlySpan<float> weights, int pixel, Span<float> sums)
    {
        (int height, int width, int channels) = (_input[1], _input[2], _input[3]);
        int n = pixel / (_output[1] * _output[2]);
        int top = (pixel / _output[2] % _output[1] * _window.StrideH) - _window.PadTop;
        int left = (pixel % _output[2] * _window.StrideW) - _window.PadLeft;
        for (int kh = 0; kh < _window.KernelH; kh++)
        {
            int h = top + (kh * _window.DilationH);
            if (h < 0 || h >= height)
            {
                continue;
            }

            for (int kw = 0; kw < _window.KernelW; kw++)
            {
                int w = left + (kw * _window.DilationW);
                if (w >= 0 && w < width)
                {
                    AddTap(
                        x.Slice(((((n * height) + h) * width) + w) * channels, channels),
                        weights.Slice(((kh * _window.KernelW) + kw) * sums.Length, sums.Length),
                        sums);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddTap(ReadOnlySpan<float> x, ReadOnlySpan<float> weights, Span<float> sums)
    {
        if (_multiplier > 1)
        {
            for (int c = 0; c < x.Length; c++)
            {
                Span<float> part = sums.Slice(c * _multiplier, _multiplier);
                TensorPrimitives.MultiplyAdd(weights.Slice(c * _multiplier, _multiplier), x[c], part, part);
            }

            return;
        }

        ReadOnlySpan<Vector<float>> xs = MemoryMarshal.Cast<float, Vector<float>>(x);
        ReadOnlySpan<Vector<float>> ws = MemoryMarshal.Cast<float, Vector<float>>(weights)[..xs.Length];
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(sums)[..xs.Length];
        for (int i = 0; i < xs.Length; i++)
        {
            vectors[i] += xs[i] * ws[i];
        }

        for (int i = xs.Length * Vector<float>.Count; i < x.Length; i++)
        {
            sums[i] += x[i] * weights[i];
        }
    }
}
