using System.Numerics;
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
        Span<float> outputs = shard.Activation(Output);
        Span<float> inputs = shard.Activation(Input);
        outputs.Fill(isMax ? float.NegativeInfinity : 0);
        int channels = Input.Shape[3];
        int width = Input.Shape[2];
        for (int position = 0; position < outputs.Length / channels; position++)
        {
            Span<float> y = outputs.Slice(position * channels, channels);
            (int first, int rows, int columns, int divisor) = WindowAt(position);
            for (int h = 0; h < rows; h++)
            {
                for (int w = 0; w < columns; w++)
                {
                    Span<float> x = inputs.Slice((first + (h * width) + w) * channels, channels);
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

        Span<float> dys = shard.Gradient(Output);
        Span<float> ys = shard.Activation(Output);
        Span<float> xs = shard.Activation(Input);
        Span<float> dxs = shard.Gradient(Input);
        int channels = Input.Shape[3];
        int width = Input.Shape[2];
        Span<float> left = stackalloc float[channels];
        for (int position = 0; position < dys.Length / channels; position++)
        {
            Span<float> dy = dys.Slice(position * channels, channels);
            Span<float> y = ys.Slice(position * channels, channels);
            (int first, int rows, int columns, int divisor) = WindowAt(position);
            dy.CopyTo(left);
            for (int h = 0; h < rows; h++)
            {
                for (int w = 0; w < columns; w++)
                {
                    int element = (first + (h * width) + w) * channels;
                    Span<float> dx = dxs.Slice(element, channels);
                    if (_pool.Function == PoolFunction.Average)
                    {
                        TensorPrimitives.MultiplyAdd(dy, 1f / divisor, dx, dx);
                    }
                    else
                    {
                        GiveToMaximum(xs.Slice(element, channels), y, left, dx);
                    }
                }
            }
        }
    }

    /// <summary>Where x is the maximum y, dx gets what is left of the gradient, and nothing is left.</summary>
    private static void GiveToMaximum(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> left, Span<float> dx)
    {
        int c = 0;
        for (; c + Vector<float>.Count <= x.Length; c += Vector<float>.Count)
        {
            Vector<int> isMaximum = Vector.Equals(new Vector<float>(x[c..]), new Vector<float>(y[c..]));
            var rest = new Vector<float>(left[c..]);
            (new Vector<float>(dx[c..]) + Vector.ConditionalSelect(isMaximum, rest, Vector<float>.Zero)).CopyTo(dx[c..]);
            Vector.ConditionalSelect(isMaximum, Vector<float>.Zero, rest).CopyTo(left[c..]);
        }

        for (; c < x.Length; c++)
        {
            if (x[c] == y[c])
            {
                dx[c] += left[c];
                left[c] = 0;
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
