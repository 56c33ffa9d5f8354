using System.Numerics;
using System.Runtime.InteropServices;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>A clamp to [min, max]: Relu, Relu6, Clip; the derivative is 1 strictly inside and 0 elsewhere.</summary>
internal sealed class ClampLayer(Node node, Clamp clamp) : Layer(node)
{
    public override void Forward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> y = shard.Activation(Output);
        var min = new Vector<float>(clamp.Min);
        var max = new Vector<float>(clamp.Max);
        ReadOnlySpan<Vector<float>> xs = MemoryMarshal.Cast<float, Vector<float>>(x);
        Span<Vector<float>> ys = MemoryMarshal.Cast<float, Vector<float>>(y);
        for (int i = 0; i < ys.Length; i++)
        {
            ys[i] = Vector.Min(Vector.Max(xs[i], min), max);
        }

        for (int i = ys.Length * Vector<float>.Count; i < y.Length; i++)
        {
            y[i] = clamp.Apply(x[i]);
        }
    }

    public override void Backward(Shard shard)
    {
        if (!shard.NeedsGradient(Input))
        {
            return;
        }

        Span<float> x = shard.Activation(Input);
        Span<float> dx = shard.GradientTarget(Input, out bool accumulate);
        Span<float> dy = shard.Gradient(Output);
        var min = new Vector<float>(clamp.Min);
        var max = new Vector<float>(clamp.Max);
        ReadOnlySpan<Vector<float>> xs = MemoryMarshal.Cast<float, Vector<float>>(x);
        ReadOnlySpan<Vector<float>> dys = MemoryMarshal.Cast<float, Vector<float>>(dy);
        Span<Vector<float>> dxs = MemoryMarshal.Cast<float, Vector<float>>(dx);
        for (int i = 0; i < dxs.Length; i++)
        {
            Vector<int> inside = Vector.BitwiseAnd(Vector.GreaterThan(xs[i], min), Vector.LessThan(xs[i], max));
            Vector<float> passed = Vector.ConditionalSelect(inside, dys[i], Vector<float>.Zero);
            dxs[i] = accumulate ? dxs[i] + passed : passed;
        }

        for (int i = dxs.Length * Vector<float>.Count; i < dx.Length; i++)
        {
            dx[i] = (accumulate ? dx[i] : 0) + (x[i] > clamp.Min && x[i] < clamp.Max ? dy[i] : 0);
        }
    }
}
