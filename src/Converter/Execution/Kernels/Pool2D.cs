using System.Numerics.Tensors;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>
/// Average and maximum pooling, all channels of a pixel at a time. The output may have a last row or column more than the
/// window's formula gives (ONNX ceil_mode): elements beyond the padding never count.
/// </summary>
internal sealed class Pool2DKernel
{
    private readonly Pool2D _pool;
    private readonly Shape _input;
    private readonly Shape _output;

    private Pool2DKernel(Node node)
    {
        Check.Reals(node);
        _pool = (Pool2D)node.Operator;
        _input = Check.Rank(node, 0, 4);
        _output = node.Output.Shape;
        Window window = _pool.Window;
        int height = window.OutputHeight(_input[1]);
        int width = window.OutputWidth(_input[2]);
        bool fits = _output.Rank == 4 && _output[1] - height is 0 or 1 && _output[2] - width is 0 or 1;
        Check.Output(node, _input[0], fits ? _output[1] : height, fits ? _output[2] : width, _input[3]);
    }

    public static Kernel Make(Node node, Tensor?[] constants) => new Pool2DKernel(node).Run;

    private void Run(Tensor?[] inputs, Tensor output)
    {
        int channels = _output[3];
        Span<float> y = output.Floats;
        for (int pixel = 0; pixel * channels < y.Length; pixel++)
        {
            Pool(inputs[0]!.Floats, pixel, y.Slice(pixel * channels, channels));
        }

        Activation.Apply(_pool.Clamp, y);
    }

    private void Pool(ReadOnlySpan<float> x, int pixel, Span<float> result)
    {
        Window window = _pool.Window;
        (int height, int width, int channels) = (_input[1], _input[2], _input[3]);
        bool isMax = _pool.Function == PoolFunction.Max;
        int n = pixel / (_output[1] * _output[2]);
        int top = (pixel / _output[2] % _output[1] * window.StrideH) - window.PadTop;
        int left = (pixel % _output[2] * window.StrideW) - window.PadLeft;
        (int firstH, int endH) = Taps(top, 0, height, window.KernelH, window.DilationH);
        (int firstW, int endW) = Taps(left, 0, width, window.KernelW, window.DilationW);
        result.Fill(isMax ? float.NegativeInfinity : 0);
        for (int kh = firstH; kh < endH; kh++)
        {
            for (int kw = firstW; kw < endW; kw++)
            {
                int h = top + (kh * window.DilationH);
                int w = left + (kw * window.DilationW);
                ReadOnlySpan<float> element = x.Slice(((((n * height) + h) * width) + w) * channels, channels);
                if (isMax)
                {
                    TensorPrimitives.Max(result, element, result);
                }
                else
                {
                    TensorPrimitives.Add(result, element, result);
                }
            }
        }

        if (!isMax)
        {
            if (_pool.CountPadding)
            {
                (firstH, endH) = Taps(top, -window.PadTop, height + window.PadBottom, window.KernelH, window.DilationH);
                (firstW, endW) = Taps(left, -window.PadLeft, width + window.PadRight, window.KernelW, window.DilationW);
            }

            // A window wholly in the padding averages nothing: 0.
            TensorPrimitives.Divide(result, Math.Max(1f, (float)(endH - firstH) * (endW - firstW)), result);
        }
    }

    /// <summary>Which elements of a window that starts at <paramref name="start"/> lie from <paramref name="low"/> to before <paramref name="high"/>.</summary>
    private static (int First, int End) Taps(int start, int low, int high, int kernel, int dilation)
    {
        int first = Math.Max(0, (low - start + dilation - 1) / dilation);
        return (first, Math.Max(first, Math.Min(kernel, (high - start + dilation - 1) / dilation)));
    }
}
