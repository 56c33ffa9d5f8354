using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>Average or maximum of each window; the gradient goes to all of the window or to its (first) largest element.</summary>
internal sealed class Pool2DLayer(Node node) : Layer(node)
{
    private readonly Pool2D _pool = (Pool2D)node.Operator;

    public override void Forward(Shard shard)
    {
        bool isMax = _pool.Function == PoolFunction.Max;
        shard.Activation(Output).Fill(isMax ? float.NegativeInfinity : 0);
        int channels = Input.Shape[3];
        for (int position = 0; position < shard.Samples * Output.Shape[1] * Output.Shape[2]; position++)
        {
            Span<float> y = shard.Activation(Output).Slice(position * channels, channels);
            (int first, int rows, int columns, int divisor) = WindowAt(position);
            for (int h = 0; h < rows; h++)
            {
                for (int w = 0; w < columns; w++)
                {
                    Span<float> x = shard.Activation(Input).Slice((first + (h * Input.Shape[2]) + w) * channels, channels);
                    if (isMax)
                    {
                        TensorPrimitives.Max(y, x, y);
                    }
                    else
                    {
                        TensorPrimitives.MultiplyAdd(x, 1f / divisor, y, y);
                    }
                }
            }
        }
    }

    public override void Backward(Shard shard)
    {
        if (!shard.NeedsGradient(Input))
        {
            return;
        }

        int channels = Input.Shape[3];
        Span<bool> given = stackalloc bool[channels];
        for (int position = 0; position < shard.Samples * Output.Shape[1] * Output.Shape[2]; position++)
        {
            Span<float> dy = shard.Gradient(Output).Slice(position * channels, channels);
            Span<float> y = shard.Activation(Output).Slice(position * channels, channels);
            (int first, int rows, int columns, int divisor) = WindowAt(position);
            given.Clear();
            for (int h = 0; h < rows; h++)
            {
                for (int w = 0; w < columns; w++)
                {
                    int element = (first + (h * Input.Shape[2]) + w) * channels;
                    Span<float> dx = shard.Gradient(Input).Slice(element, channels);
                    if (_pool.Function == PoolFunction.Average)
                    {
                        TensorPrimitives.MultiplyAdd(dy, 1f / divisor, dx, dx);
                        continue;
                    }

                    Span<float> x = shard.Activation(Input).Slice(element, channels);
                    for (int c = 0; c < channels; c++)
                    {
                        if (x[c] == y[c] && !given[c])
                        {
                            dx[c] += dy[c];
                            given[c] = true;
                        }
                    }
                }
            }
        }
    }

    /// <summary>The part of an output position's window that lies in the image: its first pixel, its extent, and the average's divisor.</summary>
    private (int First, int Rows, int Columns, int Divisor) WindowAt(int position)
    {
        Window window = _pool.Window;
        int outputWidth = Output.Shape[2];
        int outputHeight = Output.Shape[1];
        int h = (position / outputWidth % outputHeight * window.StrideH) - window.PadTop;
        int w = (position % outputWidth * window.StrideW) - window.PadLeft;
        int image = position / (outputWidth * outputHeight);
        int top = Math.Max(h, 0);
        int left = Math.Max(w, 0);
        int rows = Math.Min(h + window.KernelH, Input.Shape[1]) - top;
        int columns = Math.Min(w + window.KernelW, Input.Shape[2]) - left;
        int divisor = _pool.CountPadding ? window.KernelH * window.KernelW : rows * columns;
        return (((image * Input.Shape[1]) + top) * Input.Shape[2] + left, rows, columns, divisor);
    }
}
