using System.Buffers;
using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>
/// Conv2D as a matrix product: the windows of some output pixels are laid out as rows [pixels, KH*KW*C/G] (im2col) and
/// multiplied with the weights [KH*KW*C/G, O/G], group by group. A pointwise convolution multiplies its input as it lies.
/// </summary>
internal sealed class Conv2DKernel
{
    /// <summary>Floats of windows laid out at a time: they stay in the second-level cache.</summary>
    private const int ChunkLength = 1 << 15;

    private readonly Window _window;
    private readonly Clamp _clamp;
    private readonly int _groups;
    private readonly Shape _input;
    private readonly Shape _output;
    private readonly int _depth;
    private readonly bool _isPointwise;
    private readonly PackedMatrix[]? _weights;

    private Conv2DKernel(Node node, Tensor?[] constants)
    {
        var conv = (Conv2D)node.Operator;
        (_window, _clamp, _groups) = (conv.Window, conv.Clamp, conv.Groups);
        Check.Reals(node);
        _input = Check.Rank(node, 0, 4);
        Shape weights = Check.Rank(node, 1, 4);
        int outputs = weights[0];
        Check.That(node, _groups > 0 && outputs % _groups == 0 && weights[3] * _groups == _input[3], $"weights {weights} in {_groups} groups for input {_input}");
        Check.That(node, weights[1] == _window.KernelH && weights[2] == _window.KernelW, $"weights {weights} for a window of {_window.KernelH}x{_window.KernelW}");
        Check.That(node, node.OptionalInput(2) is not { } bias || bias.Shape.ElementCount == outputs, "bias does not fit the weights");
        Check.Output(node, _input[0], _window.OutputHeight(_input[1]), _window.OutputWidth(_input[2]), outputs);
        _output = node.Output.Shape;
        _depth = weights[1] * weights[2] * weights[3];
        _isPointwise = weights[1] == 1 && weights[2] == 1 && _window.StrideH == 1 && _window.StrideW == 1 && !_window.HasPadding;
        _weights = constants[1] is { } constant ? Pack(constant) : null;
    }

    public static Kernel Make(Node node, Tensor?[] constants) => new Conv2DKernel(node, constants).Run;

    private void Run(Tensor?[] inputs, Tensor output)
    {
        PackedMatrix[] weights = _weights ?? Pack(inputs[1]!);
        Activation.FillBias(inputs.Length > 2 && inputs[2] is { } bias ? bias.Floats : [], output.Floats);
        for (int group = 0; group < _groups; group++)
        {
            if (_isPointwise)
            {
                ReadOnlySpan<float> x = inputs[0]!.Floats;
                int first = Math.Min(group * _depth, x.Length);
                Multiply(x[first..], _input[3], weights[group], group, 0, _output.ElementCount / Math.Max(1, _output[3]), output.Floats);
            }
            else
            {
                RunWindows(inputs[0]!.Floats, weights[group], group, output.Floats);
            }
        }

        Activation.Apply(_clamp, output.Floats);
    }

    private void RunWindows(ReadOnlySpan<float> x, PackedMatrix weights, int group, Span<float> y)
    {
        int pixels = _output[0] * _output[1] * _output[2];
        int chunk = Math.Max(1, Math.Min(pixels, ChunkLength / Math.Max(1, _depth)));
        float[] windows = ArrayPool<float>.Shared.Rent(chunk * _depth);
        for (int first = 0; first < pixels; first += chunk)
        {
            int count = Math.Min(chunk, pixels - first);
            for (int i = 0; i < count; i++)
            {
                LayOutWindow(x, first + i, group, windows.AsSpan(i * _depth, _depth));
            }

            Multiply(windows, _depth, weights, group, first, count, y);
        }

        ArrayPool<float>.Shared.Return(windows);
    }

    /// <summary>Adds <paramref name="count"/> rows times the weights of a group to the output pixels from <paramref name="first"/>.</summary>
    private void Multiply(ReadOnlySpan<float> rows, int stride, PackedMatrix weights, int group, int first, int count, Span<float> y)
    {
        int channels = _output[3];
        int start = Math.Min((first * channels) + (group * weights.N), y.Length);
        Gemm.Multiply(false, count, rows, stride, weights, y[start..], channels, accumulate: true);
    }

    private void LayOutWindow(ReadOnlySpan<float> x, int pixel, int group, Span<float> row)
    {
        (int height, int width, int channels) = (_input[1], _input[2], _input[3]);
        int groupChannels = channels / _groups;
        int n = pixel / (_output[1] * _output[2]);
        int top = (pixel / _output[2] % _output[1] * _window.StrideH) - _window.PadTop;
        int left = (pixel % _output[2] * _window.StrideW) - _window.PadLeft;
        bool isRun = _groups == 1 && _window.DilationW == 1;
        int rowLength = _window.KernelW * groupChannels;
        for (int kh = 0; kh < _window.KernelH; kh++)
        {
            int h = top + (kh * _window.DilationH);
            Span<float> target = row.Slice(kh * rowLength, rowLength);
            if (h < 0 || h >= height)
            {
                target.Clear();
                continue;
            }

            int line = ((n * height) + h) * width;
            if (isRun)
            {
                int before = Math.Clamp(-left, 0, _window.KernelW) * channels;
                int end = Math.Clamp(width - left, 0, _window.KernelW) * channels;
                target[..before].Clear();
                if (end > before)
                {
                    x.Slice(((line + left) * channels) + before, end - before).CopyTo(target[before..]);
                }

                target[Math.Max(before, end)..].Clear();
                continue;
            }

            for (int kw = 0; kw < _window.KernelW; kw++)
            {
                int w = left + (kw * _window.DilationW);
                Span<float> element = target.Slice(kw * groupChannels, groupChannels);
                if (w < 0 || w >= width)
                {
                    element.Clear();
                }
                else
                {
                    x.Slice(((line + w) * channels) + (group * groupChannels), groupChannels).CopyTo(element);
                }
            }
        }
    }

    private PackedMatrix[] Pack(Tensor weights)
    {
        var packed = new PackedMatrix[_groups];
        int outputs = _output[3] / _groups;
        for (int g = 0; g < _groups; g++)
        {
            packed[g] = new PackedMatrix(transposed: true, outputs, _depth, weights.Floats.AsSpan(g * outputs * _depth), _depth);
        }

        return packed;
    }
}
