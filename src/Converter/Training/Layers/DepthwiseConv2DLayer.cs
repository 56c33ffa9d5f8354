using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>
/// Depthwise convolution; vectors run over output channels and are summed in registers. Where an input channel makes several output
/// channels, the input is first repeated to as many, and its gradient summed back.
/// </summary>
internal sealed class DepthwiseConv2DLayer : Layer
{
    private readonly Parameter _weights;
    private readonly Parameter? _bias;
    private readonly Window _window;
    private readonly int _channels;
    private readonly int _multiplier;
    private readonly int _height;
    private readonly int _width;
    private readonly int _outputHeight;
    private readonly int _outputWidth;
    private readonly ConditionalWeakTable<Shard, Repeated> _repeated = [];

    public DepthwiseConv2DLayer(Node node, Parameter weights, Parameter? bias)
        : base(node)
    {
        _weights = weights;
        _bias = bias;
        _window = ((DepthwiseConv2D)node.Operator).Window;
        _channels = weights.Value.Shape[3];
        _multiplier = _channels / Input.Shape[3];
        (_height, _width) = (Input.Shape[1], Input.Shape[2]);
        (_outputHeight, _outputWidth) = (Output.Shape[1], Output.Shape[2]);
    }

    public override void Forward(Shard shard)
    {
        Span<float> y = shard.Activation(Output);
        ReadOnlySpan<float> x = shard.Activation(Input);
        if (_multiplier > 1)
        {
            Repeated repeated = _repeated.GetValue(shard, s => new Repeated(s.Capacity * _height * _width * _channels));
            repeated.Fill(x, _multiplier);
            x = repeated.Values.AsSpan(0, x.Length * _multiplier);
        }

        ReadOnlySpan<float> bias = _bias is null ? default : _bias.Data;
        int vectors = _channels / Vector<float>.Count * Vector<float>.Count;
        for (int position = 0; position < y.Length / _channels; position++)
        {
            Span<float> target = y.Slice(position * _channels, _channels);
            for (int c = 0; c < vectors; c += Vector<float>.Count)
            {
                Vector<float> sum = bias.IsEmpty ? Vector<float>.Zero : new Vector<float>(bias[c..]);
                ForwardVector(x, position, c, sum).CopyTo(target[c..]);
            }

            for (int c = vectors; c < _channels; c++)
            {
                target[c] = ForwardOne(x, position, c, bias.IsEmpty ? 0 : bias[c]);
            }
        }
    }

    public override void Backward(Shard shard)
    {
        Span<float> dy = shard.Gradient(Output);
        ReadOnlySpan<float> x = _multiplier > 1 ? _repeated.GetValue(shard, _ => throw new InvalidOperationException()).Values : shard.Activation(Input);
        if (_bias is not null)
        {
            Bias.AddSums(dy, shard.Gradient(_bias));
        }

        AddWeightGradient(x, dy, shard.Samples, shard.Gradient(_weights));
        if (!shard.NeedsGradient(Input))
        {
            return;
        }

        if (_multiplier == 1)
        {
            Span<float> dx = shard.GradientTarget(Input, out bool accumulate);
            InputGradient(dy, dx, accumulate);
            return;
        }

        Repeated repeated = _repeated.GetValue(shard, _ => throw new InvalidOperationException());
        Span<float> sums = shard.Gradient(Input);
        InputGradient(dy, repeated.Gradients.AsSpan(0, sums.Length * _multiplier), false);
        repeated.AddGradients(sums, _multiplier);
    }

    /// <summary>The taps of an output position's window that lie in the image: rows [fromH, toH), columns [fromW, toW), and where the window begins.</summary>
    private void Taps(int position, out int image, out int top, out int left, out (int From, int To) rows, out (int From, int To) columns)
    {
        int ow = position % _outputWidth;
        int oh = position / _outputWidth % _outputHeight;
        image = position / (_outputWidth * _outputHeight) * _height * _width;
        top = (oh * _window.StrideH) - _window.PadTop;
        left = (ow * _window.StrideW) - _window.PadLeft;
        rows = Inside(top, _window.KernelH, _window.DilationH, _height);
        columns = Inside(left, _window.KernelW, _window.DilationW, _width);
    }

    /// <summary>Which k have 0 &lt;= start + k * dilation &lt; extent.</summary>
    private static (int From, int To) Inside(int start, int kernel, int dilation, int extent)
    {
        int from = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
        int to = extent <= start ? 0 : Math.Min(kernel, (extent - start + dilation - 1) / dilation);
        return (Math.Min(from, to), to);
    }

    private Vector<float> ForwardVector(ReadOnlySpan<float> x, int position, int c, Vector<float> sum)
    {
        Taps(position, out int image, out int top, out int left, out (int From, int To) rows, out (int From, int To) columns);
        ref float weights = ref MemoryMarshal.GetArrayDataReference(_weights.Data);
        for (int kh = rows.From; kh < rows.To; kh++)
        {
            int line = image + ((top + (kh * _window.DilationH)) * _width) + left;
            for (int kw = columns.From; kw < columns.To; kw++)
            {
                var pixel = new Vector<float>(x[(((line + (kw * _window.DilationW)) * _channels) + c)..]);
                sum = Vector.FusedMultiplyAdd(pixel, Vector.LoadUnsafe(ref weights, (nuint)((((kh * _window.KernelW) + kw) * _channels) + c)), sum);
            }
        }

        return sum;
    }

    private float ForwardOne(ReadOnlySpan<float> x, int position, int c, float sum)
    {
        Taps(position, out int image, out int top, out int left, out (int From, int To) rows, out (int From, int To) columns);
        for (int kh = rows.From; kh < rows.To; kh++)
        {
            int line = image + ((top + (kh * _window.DilationH)) * _width) + left;
            for (int kw = columns.From; kw < columns.To; kw++)
            {
                sum += x[((line + (kw * _window.DilationW)) * _channels) + c] * _weights.Data[(((kh * _window.KernelW) + kw) * _channels) + c];
            }
        }

        return sum;
    }

    /// <summary>For each tap, the sum over all positions of x dy.</summary>
    private void AddWeightGradient(ReadOnlySpan<float> x, ReadOnlySpan<float> dy, int samples, Span<float> dw)
    {
        int vectors = _channels / Vector<float>.Count * Vector<float>.Count;
        for (int kh = 0; kh < _window.KernelH; kh++)
        {
            for (int kw = 0; kw < _window.KernelW; kw++)
            {
                Span<float> target = dw.Slice(((kh * _window.KernelW) + kw) * _channels, _channels);
                (int From, int To) rows = Positions(kh, _window.DilationH, _window.StrideH, _window.PadTop, _height, _outputHeight);
                (int From, int To) columns = Positions(kw, _window.DilationW, _window.StrideW, _window.PadLeft, _width, _outputWidth);
                for (int n = 0; n < samples; n++)
                {
                    for (int oh = rows.From; oh < rows.To; oh++)
                    {
                        int h = (oh * _window.StrideH) - _window.PadTop + (kh * _window.DilationH);
                        int w = (columns.From * _window.StrideW) - _window.PadLeft + (kw * _window.DilationW);
                        int first = ((((n * _height) + h) * _width) + w) * _channels;
                        int output = ((((n * _outputHeight) + oh) * _outputWidth) + columns.From) * _channels;
                        int count = columns.To - columns.From;
                        for (int c = 0; c < vectors && count > 0; c += Vector<float>.Count)
                        {
                            RowProduct(x[(first + c)..], dy[(output + c)..], count, target.Slice(c, Vector<float>.Count));
                        }

                        for (int c = vectors; c < _channels; c++)
                        {
                            for (int i = 0; i < count; i++)
                            {
                                target[c] += x[first + (i * _window.StrideW * _channels) + c] * dy[output + (i * _channels) + c];
                            }
                        }
                    }
                }
            }
        }
    }

    private void RowProduct(ReadOnlySpan<float> x, ReadOnlySpan<float> dy, int count, Span<float> target)
    {
        int step = _window.StrideW * _channels;
        _ = x.Slice((count - 1) * step, Vector<float>.Count);
        _ = dy.Slice((count - 1) * _channels, Vector<float>.Count);
        ref float xStart = ref MemoryMarshal.GetReference(x);
        ref float dyStart = ref MemoryMarshal.GetReference(dy);
        var sum = new Vector<float>(target);
        for (int i = 0; i < count; i++)
        {
            sum = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref xStart), Vector.LoadUnsafe(ref dyStart), sum);
            xStart = ref Unsafe.Add(ref xStart, step);
            dyStart = ref Unsafe.Add(ref dyStart, _channels);
        }

        sum.CopyTo(target);
    }

    /// <summary>The output positions of which tap <paramref name="k"/> lies in the image.</summary>
    private static (int From, int To) Positions(int k, int dilation, int stride, int padding, int extent, int outputs)
    {
        int offset = (k * dilation) - padding;
        int from = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
        int to = extent <= offset ? 0 : Math.Min(outputs, (extent - offset + stride - 1) / stride);
        return (Math.Min(from, to), to);
    }

    /// <summary>Every output position hands its gradient to the pixels of its window.</summary>
    private void InputGradient(ReadOnlySpan<float> dy, Span<float> dx, bool accumulate)
    {
        if (!accumulate)
        {
            dx.Clear();
        }

        int vectors = _channels / Vector<float>.Count * Vector<float>.Count;
        ref float weights = ref MemoryMarshal.GetArrayDataReference(_weights.Data);
        for (int position = 0; position < dy.Length / _channels; position++)
        {
            Taps(position, out int image, out int top, out int left, out (int From, int To) rows, out (int From, int To) columns);
            ReadOnlySpan<float> source = dy.Slice(position * _channels, _channels);
            ref float gradient = ref MemoryMarshal.GetReference(source);
            for (int kh = rows.From; kh < rows.To; kh++)
            {
                int line = image + ((top + (kh * _window.DilationH)) * _width) + left;
                for (int kw = columns.From; kw < columns.To; kw++)
                {
                    Span<float> target = dx.Slice((line + (kw * _window.DilationW)) * _channels, _channels);
                    ref float pixel = ref MemoryMarshal.GetReference(target);
                    int tap = ((kh * _window.KernelW) + kw) * _channels;
                    for (nuint c = 0; c < (nuint)vectors; c += (nuint)Vector<float>.Count)
                    {
                        Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref gradient, c), Vector.LoadUnsafe(ref weights, (nuint)tap + c), Vector.LoadUnsafe(ref pixel, c)).StoreUnsafe(ref pixel, c);
                    }

                    for (int c = vectors; c < _channels; c++)
                    {
                        target[c] += source[c] * _weights.Data[tap + c];
                    }
                }
            }
        }
    }

    /// <summary>An input with each channel repeated, and its gradient.</summary>
    private sealed class Repeated(int length)
    {
        public float[] Values { get; } = new float[length];

        public float[] Gradients { get; } = new float[length];

        public void Fill(ReadOnlySpan<float> x, int times)
        {
            for (int i = 0; i < x.Length; i++)
            {
                Values.AsSpan(i * times, times).Fill(x[i]);
            }
        }

        public void AddGradients(Span<float> dx, int times)
        {
            for (int i = 0; i < dx.Length; i++)
            {
                dx[i] += System.Numerics.Tensors.TensorPrimitives.Sum<float>(Gradients.AsSpan(i * times, times));
            }
        }
    }
}
