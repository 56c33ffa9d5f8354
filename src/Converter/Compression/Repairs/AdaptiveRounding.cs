using TinyInference.Converter.Execution;
using TinyInference.Converter.Numerics;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Compression.Repairs;

using TinyInference.Converter.Graphs;

/// <summary>
/// Rounds weights up or down so that the outputs of their operator change least, which is not always to the nearest. With the
/// rounding errors e of an output channel and the second moments H of its inputs, the squared error of the output is e^T H e
/// (M. Nagel et al., "Up or Down? Adaptive Rounding", arXiv 2004.10568, section 3); each weight in turn takes the neighbour that
/// makes this smaller, until none does. Needs samples, but neither labels nor training.
/// </summary>
internal sealed class AdaptiveRounding
{
    /// <summary>Samples looked at, and rows of inputs taken from them for each operator.</summary>
    private const int MostSamples = 64;
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

    private AdaptiveRounding(Node node, int samples)
    {
        _node = node;
        Shape weights = node.Input(1).Shape;
        _groups = node.Operator is DepthwiseConv2D ? weights[3] : 1;
        _inputs = weights.ElementCount / (node.Operator is DepthwiseConv2D ? weights[3] : weights[0]);
        _rowsPerSample = Math.Max(1, MostRows / samples);
        _rows = new float[samples * _rowsPerSample * _inputs * _groups];
    }

    /// <summary>Replaces the float weights of <paramref name="graph"/>'s operators by int8 ones with scales, which the quantizer keeps.</summary>
    /// <param name="graph">After all passes; changed in place, but not the constants it shares with others.</param>
    /// <returns>How many operators were rounded this way.</returns>
    public static int Apply(Graph graph, CalibrationSamples samples, WeightGranularity granularity, Action<double> progress, CancellationToken cancellation)
    {
        int count = Math.Min(samples.Count, MostSamples);
        AdaptiveRounding[] all = [.. graph.Nodes.Where(Applies).Select(n => new AdaptiveRounding(n, count))];
        ILookup<Value, AdaptiveRounding> readers = all.ToLookup(r => r._node.Input(0));
        var executor = new FloatExecutor(graph);
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var random = new Random(i);
            executor.Run(samples.Read((int)((long)i * samples.Count / count)), (value, tensor) =>
            {
                foreach (AdaptiveRounding reader in readers[value])
                {
                    reader.Collect(tensor.Floats, random);
                }
            });
            progress(0.5 * (i + 1) / count);
        }

        for (int i = 0; i < all.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            all[i].Round(graph, granularity);
            progress(0.5 + (0.5 * (i + 1) / all.Length));
        }

        return all.Length;
    }

    private static bool Applies(Node node) => node.Operator is Conv2D { Groups: 1 } or DepthwiseConv2D or FullyConnected
        && !node.Input(0).IsConstant
        && node.Input(1) is { Constant.Type: ElementType.Float32 } weights
        && weights.Shape.ElementCount / (node.Operator is DepthwiseConv2D ? weights.Shape[3] : weights.Shape[0]) <= MostInputs
        && (node.Operator is not DepthwiseConv2D || weights.Shape[3] == node.Input(0).Shape[3]);

    /// <summary>Takes some of the rows that the operator multiplies its weights by.</summary>
    private void Collect(float[] x, Random random)
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

    private void Round(Graph graph, WeightGranularity granularity)
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
        var integers = new sbyte[data.Length];
        float[] moments = _groups == 1 ? Moments(0) : [];
        for (int channel = 0; channel < channels; channel++)
        {
            if (_groups > 1)
            {
                moments = Moments(channel);
            }

            RoundChannel(data, integers, axis == 0 ? channel * _inputs : channel, stride, scales[perChannel ? channel : 0], moments);
        }

        _node.Inputs[1] = new Value(graph.UniqueName(weights.Name + "/int8"), new Tensor(weights.Shape, integers))
        {
            Quantization = new QuantizationParameters(scales, new int[scales.Length], scales.Length > 1 ? axis : 0),
        };
    }

    /// <summary>Sums of the products of any two inputs of a group, [inputs, inputs].</summary>
    private float[] Moments(int group)
    {
        float[] rows = _rows;
        if (_groups > 1)
        {
            rows = new float[_count * _inputs];
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = _rows[(i * _groups) + group];
            }
        }

        var moments = new float[_inputs * _inputs];
        Gemm.Multiply(true, false, _inputs, _inputs, _count, rows, _inputs, rows, _inputs, moments, _inputs, false);
        return moments;
    }

    private void RoundChannel(float[] weights, sbyte[] integers, int start, int stride, float scale, float[] moments)
    {
        var errors = new float[_inputs];
        for (int k = 0; k < _inputs; k++)
        {
            float scaled = weights[start + (k * stride)] / scale;
            float nearest = Math.Clamp(MathF.Round(scaled, MidpointRounding.AwayFromZero), -sbyte.MaxValue, sbyte.MaxValue);
            integers[start + (k * stride)] = (sbyte)nearest;
            errors[k] = nearest - scaled;
        }

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
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(moments.AsSpan(k * _inputs, _inputs), step, slopes, slopes);
                changed = true;
            }
        }
    }
}
