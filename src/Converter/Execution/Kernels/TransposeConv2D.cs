using System.Buffers;
using System.Numerics.Tensors;
using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>
/// TransposeConv2D: a matrix product gives what each input pixel adds to the window of the output that it covers,
/// [N*H*W, KH*KW*O/G]; then these windows are added up (col2im).
/// </summary>
internal sealed class TransposeConv2DKernel
{
    /// <summary>Floats of all windows of a group together.</summary>
    private const long LargestWindows = 1L << 28;

    private readonly Window _window;
    private readonly Clamp _clamp;
    private readonly int _groups;
    private readonly Shape _input;
    private readonly Shape _output;
    private readonly PackedMatrix[]? _weights;

    private TransposeConv2DKernel(Node node, Tensor?[] constants)
    {
        var conv = (TransposeConv2D)node.Operator;
        (_window, _clamp, _groups) = (conv.Window, conv.Clamp, conv.Groups);
        Check.Reals(node);
        _input = Check.Rank(node, 0, 4);
        Shape weights = Check.Rank(node, 1, 4);
        _output = node.Output.Shape;
        Check.That(node, _groups > 0 && weights[0] % _groups == 0 && weights[3] * _groups == _input[3], $"weights {weights} in {_groups} groups for input {_input}");
        Check.That(node, weights[1] == _window.KernelH && weights[2] == _window.KernelW, $"weights {weights} for a window of {_window.KernelH}x{_window.KernelW}");
        Check.That(node, node.OptionalInput(2) is not { } bias || bias.Shape.ElementCount == weights[0], "bias does not fit the weights");
        Check.That(node, _output.Rank == 4 && _output[0] == _input[0] && _output[3] == weights[0], $"weights {weights} for input {_input} and output {_output}");
        long length = (long)_input[0] * _input[1] * _input[2] * _window.KernelH * _window.KernelW * (weights[0] / _groups);
        if (length > LargestWindows)
        {
            throw new InputException($"{node}: kernels of {_window.KernelH}x{_window.KernelW} over input {_input} take too much memory");
        }

        _weights = constants[1] is { } constant ? Pack(constant) : null;
    }

    public static Kernel Make(Node node, Tensor?[] constants) => new TransposeConv2DKernel(node, constants).Run;

    private void Run(Tensor?[] inputs, Tensor output)
    {
        PackedMatrix[] weights = _weights ?? Pack(inputs[1]!);
        Activation.FillBias(inputs.Length > 2 && inputs[2] is { } bias ? bias.Floats : [], output.Floats);
        int pixels = _input[0] * _input[1] * _input[2];
        int depth = _input[3] / _groups;
        int length = _window.KernelH * _window.KernelW * (_output[3] / _groups);
        float[] windows = ArrayPool<float>.Shared.Rent(pixels * length);
        for (int group = 0; group < _groups; group++)
        {
            ReadOnlySpan<float> x = inputs[0]!.Floats;
            Gemm.Multiply(false, pixels, x[Math.Min(group * depth, x.Length)..], _input[3], weights[group], windows, length, accumulate: false);
            for (int pixel = 0; pixel < pixels; pixel++)
            {
                AddWindow(windows.AsSpan(pixel * length, length), pixel, group, output.Floats);
            }
        }

        ArrayPool<float>.Shared.Return(windows);
        Activation.Apply(_clamp, output.Floats);
    }

    private void AddWindow(ReadOnlySpan<float> window, int pixel, int group, Span<float> y)
    {
        (int height, int width, int channels) = (_output[1], _output[2], _output[3]);
        int groupChannels = channels / _groups;
        int n = pixel / (_input[1] * _input[2]);
        int top = (pixel / _input[2] % _input[1] * _window.StrideH) - _window.PadTop;
        int left = (pixel % _input[2] * _window.StrideW) - _window.PadLeft;
        for (int kh = 0; kh < _window.KernelH; kh++)
        {
            int h = top + (kh * _window.DilationH);
            for (int kw = 0; kw < _window.KernelW; kw++)
            {
                int w = left + (kw * _window.DilationW);
                if (h >= 0 && h < height && w >= 0 && w < width)
                {
                    Span<float> target = y.Slice((((((n * height) + h) * width) + w) * channels) + (group * groupChannels), groupChannels);
                    TensorPrimitives.Add(target, window.Slice(((kh * _window.KernelW) + kw) * groupChannels, groupChannels), target);
                }
            }
        }
    }

    /// <summary>[O/G, KH, KW, C/G] of each group as the right matrix [C/G, KH*KW*O/G].</summary>
    private PackedMatrix[] Pack(Tensor weights)
    {
        int outputs = _output[3] / _groups;
        int taps = _window.KernelH * _window.KernelW;
        int depth = _input[3] / _groups;
        var packed = new PackedMatrix[_groups];
        var rows = new float[taps * outputs * depth];
        for (int g = 0; g < _groups; g++)
        {
            for (int o = 0; o < outputs; o++)
            {
                for (int tap = 0; tap < taps; tap++)
                {
                    weights.Floats.AsSpan((((((g * outputs) + o) * taps) + tap) * depth), depth).CopyTo(rows.AsSpan(((tap * outputs) + o) * depth));
                }
            }

            packed[g] = new PackedMatrix(transposed: true, taps * outputs, depth, rows, depth);
        }

        return packed;
    }
}
