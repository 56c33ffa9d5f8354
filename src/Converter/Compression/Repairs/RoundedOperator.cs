using System.Numerics.Tensors;
using TinyInference.Converter.Numerics;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Compression.Repairs;

using TinyInference.Converter.Graphs;

/// <summary>
/// The rows that an operator multiplies its weights by, a sample of them, and what follows from them: means and second moments, and
/// the rounding of weights that changes the operator's outputs least.
/// </summary>
internal sealed class RoundedOperator
{
    /// <summary>Rows taken for each operator.</summary>
    private const int MostRows = 4096;

    /// <summary>Inputs of an output channel; beyond it the moments would take too much memory, and the weights are rounded to the nearest.</summary>
    private const int MostInputs = 2048;

    private const int Sweeps = 8;

    private readonly Node _node;
    private readonly int _groups;
    private readonly int _inputs;
    private readonly float[] _rows;
    private readonly int _rowsPerSample;
    private int _count;

    /// <param name="samples">That will be collected from.</param>
    public RoundedOperator(Node node, int samples)
    {
        _node = node;
        Shape weights = node.Input(1).Shape;
        _groups = node.Operator is DepthwiseConv2D ? weights[3] : 1;
        _inputs = weights.ElementCount / (node.Operator is DepthwiseConv2D ? weights[3] : weights[0]);
        _rowsPerSample = Math.Max(1, MostRows / samples);
        _rows = new float[samples * _rowsPerSample * _inputs * _groups];
    }

    public Node Node => _node;

    /// <summary>Whether an operator has weights that this can round.</summary>
    public static bool Applies(Node node) => node.Operator is Conv2D { Groups: 1 } or DepthwiseConv2D or FullyConnected
        && !node.Input(0).IsConstant
        && node.Input(1) is { Constant.Type: ElementType.Float32 } weights
        && node.OptionalInput(2) is null or { Constant.Type: ElementType.Float32 }
        && weights.Shape.ElementCount / (node.Operator is DepthwiseConv2D ? weights.Shape[3] : weights.Shape[0]) <= MostInputs
        && (node.Operator is not DepthwiseConv2D || weights.Shape[3] == node.Input(0).Shape[3]);

    /// <summary>Takes some of the rows that the operator multiplies its weights by.</summary>
    public void Collect(float[] x, Random random)
    {
        int width = _inputs * _groups;
        for (int i = 0; i < _rowsPerSample; i++)
        {
            Span<float> row = _rows.AsSpan(_count * width, width);
            if (_node.Operator is FullyConnected)
            {
                int rows = x.Length / _inputs;
                if (i >= rows)
                {
                    return;
                }

                x.AsSpan((rows <= _rowsPerSample ? i : random.Next(rows)) * _inputs, _inputs).CopyTo(row);
            }
            else
            {
                Window(x, random, row);
            }

            _count++;
        }
    }

    /// <summary>The elements under the kernel at some place: [KH, KW, C], for depthwise ones [KH * KW, C] all the same.</summary>
    private void Window(float[] x, Random random, Span<float> row)
    {
        Window window = _node.Operator is Conv2D conv ? conv.Window : ((DepthwiseConv2D)_node.Operator).Window;
        Shape input = _node.Input(0).Shape;
        int channels = input[3];
        int top = (random.Next(_node.Output.Shape[1]) * window.StrideH) - window.PadTop;
        int left = (random.Next(_node.Output.Shape[2]) * window.StrideW) - window.PadLeft;
        for (int ky = 0; ky < window.KernelH; ky++)
        {
            for (int kx = 0; kx < window.KernelW; kx++)
            {
                int y = top + (ky * window.DilationH);
                int column = left + (kx * window.DilationW);
                Span<float> target = row.Slice(((ky * window.KernelW) + kx) * channels, channels);
                if ((uint)y < (uint)input[1] && (uint)column < (uint)input[2])
                {
                    x.AsSpan(((y * input[2]) + column) * channels, channels).CopyTo(target);
                }
                else
                {
                    target.Clear();
                }
            }
        }
    }

    /// <summary>The operator's weights rounded to the nearest, and so that the outputs change least.</summary>
    /// <param name="correctBias">Whether the bias takes back what the errors add on average; else that counts as an error as well.</param>
    public (RoundedWeightsAndBias Nearest, RoundedWeightsAndBias Adapted) Round(Graph graph, WeightGranularity granularity, bool correctBias)
    {
        Value weights = _node.Input(1);
        int axis = WeightQuantizer.WeightAxis(_node)!.Value;
        int channels = weights.Shape[axis];
        int stride = axis == 0 ? 1 : channels;
        float[] data = weights.Constant!.Floats;
        float[] largest = new float[channels];
        for (int i = 0; i < data.Length; i++)
        {
            ref float l = ref largest[axis == 0 ? i / _inputs : i % channels];
            l = Math.Max(l, Math.Abs(data[i]));
        }

        bool perChannel = WeightQuantizer.IsPerChannel(_node, granularity);
        float[] scales = [.. (perChannel ? largest : [largest.Max()]).Select(l => float.IsNormal(l / sbyte.MaxValue) ? l / sbyte.MaxValue : 1)];
        float[] bias = (float[]?)_node.OptionalInput(2)?.Constant!.Floats.Clone() ?? new float[channels];
        var nearest = (Integers: new sbyte[data.Length], Bias: (float[])bias.Clone());
        var adapted = (Integers: new sbyte[data.Length], Bias: bias);
        (float[] moments, float[] means) = Moments(0, correctBias);
        for (int channel = 0; channel < channels; channel++)
        {
            if (_groups > 1)
            {
                (moments, means) = Moments(channel, correctBias);
            }

            int start = axis == 0 ? channel * _inputs : channel;
            float scale = scales[perChannel ? channel : 0];
            float[] errors = RoundNearest(data, nearest.Integers, start, stride, scale);
            nearest.Bias[channel] -= correctBias ? scale * TensorPrimitives.Dot<float>(errors, means) : 0;
            for (int k = 0; k < _inputs; k++)
            {
                adapted.Integers[start + (k * stride)] = nearest.Integers[start + (k * stride)];
            }

            Adapt(data, adapted.Integers, start, stride, errors, moments);
            adapted.Bias[channel] -= correctBias ? scale * TensorPrimitives.Dot<float>(errors, means) : 0;
        }

        string name = graph.UniqueName(weights.Name + "/int8");
        var parameters = new QuantizationParameters(scales, new int[scales.Length], scales.Length > 1 ? axis : 0);
        bool hasBias = _node.OptionalInput(2) is not null || correctBias;
        RoundedWeightsAndBias Pair((sbyte[] Integers, float[] Bias) rounded) => new(
            new Value(name, new Tensor(weights.Shape, rounded.Integers)) { Quantization = parameters },
            hasBias ? new Value(graph.UniqueName((_node.OptionalInput(2) ?? weights).Name + "/rounded"), new Tensor(new Shape(channels), rounded.Bias)) : null);
        return (Pair(nearest), Pair(adapted));
    }

    /// <summary>Means of the inputs of a group, and sums of the products of any two, [inputs, inputs].</summary>
    /// <param name="centred">Whether of what is left without the means.</param>
    private (float[] Moments, float[] Means) Moments(int group, bool centred)
    {
        var rows = new float[_count * _inputs];
        var means = new float[_inputs];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = _rows[(i * _groups) + group];
            means[i % _inputs] += rows[i] / _count;
        }

        for (int i = 0; i < rows.Length && centred; i++)
        {
            rows[i] -= means[i % _inputs];
        }

        var moments = new float[_inputs * _inputs];
        Gemm.Multiply(true, false, _inputs, _inputs, _count, rows, _inputs, rows, _inputs, moments, _inputs, false);
        return (moments, means);
    }

    /// <returns>The errors in units of the scale.</returns>
    private float[] RoundNearest(float[] weights, sbyte[] integers, int start, int stride, float scale)
    {
        var errors = new float[_inputs];
        for (int k = 0; k < _inputs; k++)
        {
            float scaled = weights[start + (k * stride)] / scale;
            float nearest = Math.Clamp(MathF.Round(scaled, MidpointRounding.AwayFromZero), -sbyte.MaxValue, sbyte.MaxValue);
            integers[start + (k * stride)] = (sbyte)nearest;
            errors[k] = nearest - scaled;
        }

        return errors;
    }

    /// <summary>Lets each weight in turn take the neighbour that makes e^T H e smaller, until none does.</summary>
    private void Adapt(float[] weights, sbyte[] integers, int start, int stride, float[] errors, float[] moments)
    {
        var slopes = new float[_inputs];
        Gemm.Multiply(false, false, _inputs, 1, _inputs, moments, _inputs, errors, 1, slopes, 1, false);
        bool changed = true;
        for (int sweep = 0; sweep < Sweeps && changed; sweep++)
        {
            changed = false;
            for (int k = 0; k < _inputs; k++)
            {
                // Pruned weights stay 0.
                float step = errors[k] > 0 ? -1 : 1;
                int moved = integers[start + (k * stride)] + (int)step;
                if (weights[start + (k * stride)] == 0 || moved is > sbyte.MaxValue or < -sbyte.MaxValue
                    || (2 * step * slopes[k]) + moments[(k * _inputs) + k] >= 0)
                {
                    continue;
                }

                integers[start + (k * stride)] = (sbyte)moved;
                errors[k] += step;
                TensorPrimitives.MultiplyAdd(moments.AsSpan(k * _inputs, _inputs), step, slopes, slopes);
                changed = true;
            }
        }
    }
}

/// <summary>Weights in int8 with their scales, and the float bias beside them; null where there is none.</summary>
internal sealed record RoundedWeightsAndBias(Value Weights, Value? Bias)
{
    public void Store(Node node)
    {
        node.Inputs[1] = Weights;
        if (Bias is not null && node.Inputs.Count == 2)
        {
            node.Inputs.Add(Bias);
        }
        else if (Bias is not null)
        {
            node.Inputs[2] = Bias;
        }
    }
}
