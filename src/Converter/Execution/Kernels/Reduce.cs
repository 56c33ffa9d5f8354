using System.Numerics.Tensors;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>
/// Reductions over any axes. Where each element goes is an <see cref="IndexMap"/> read backwards: for each element of the
/// input, the element of the output that it is added to.
/// </summary>
internal sealed class ReduceKernel
{
    private readonly ReduceFunction _function;
    private readonly int[] _targets;
    private readonly int _inner;
    private readonly int _reduced;

    private ReduceKernel(Node node)
    {
        var reduce = (Reduce)node.Operator;
        _function = reduce.Function;
        Shape input = node.Input(0).Shape;
        Check.That(node, reduce.Axes.All(a => a >= 0 && a < input.Rank), $"axes {string.Join(", ", reduce.Axes)} for input {input}");
        int[] kept = [.. Enumerable.Range(0, input.Rank).Select(d => reduce.Axes.Contains(d) ? 1 : input[d])];
        Check.Output(node, reduce.KeepDimensions ? kept : [.. kept.Where((_, d) => !reduce.Axes.Contains(d))]);

        // Trailing dimensions that are all kept move as runs; one target for each run.
        int outer = reduce.Axes.Length == 0 ? 0 : reduce.Axes[^1] + 1;
        _inner = new Shape(input.AsSpan()[outer..]).ElementCount;
        var outerShape = new Shape(input.AsSpan()[..outer]);
        var keptShape = new Shape(kept.AsSpan(0, outer));
        _targets = new int[outerShape.ElementCount];
        IndexMap.Broadcast(keptShape, outerShape).Copy(Enumerable.Range(0, keptShape.ElementCount).ToArray(), _targets);
        _reduced = keptShape.ElementCount == 0 ? 0 : outerShape.ElementCount / keptShape.ElementCount;
    }

    public static Kernel Make(Node node, Tensor?[] constants)
    {
        var kernel = new ReduceKernel(node);
        return Check.SameType(node) == ElementType.Float32 ? kernel.RunReals : kernel.RunIntegers;
    }

    private void RunReals(Tensor?[] inputs, Tensor output)
    {
        Span<float> y = output.Floats;
        y.Fill(_function switch
        {
            ReduceFunction.Max => float.NegativeInfinity,
            ReduceFunction.Min => float.PositiveInfinity,
            ReduceFunction.Prod => 1,
            _ => 0,
        });
        for (int i = 0; i < _targets.Length; i++)
        {
            ReadOnlySpan<float> run = inputs[0]!.Floats.AsSpan(i * _inner, _inner);
            Combine(run, y.Slice(_targets[i] * _inner, _inner));
        }

        if (_function == ReduceFunction.Mean)
        {
            TensorPrimitives.Divide(y, _reduced, y);
        }
    }

    private void Combine(ReadOnlySpan<float> run, Span<float> target)
    {
        switch (_function)
        {
            case ReduceFunction.Max:
                TensorPrimitives.Max(target, run, target);
                break;
            case ReduceFunction.Min:
                TensorPrimitives.Min(target, run, target);
                break;
            case ReduceFunction.Prod:
                TensorPrimitives.Multiply(target, run, target);
                break;
            default:
                TensorPrimitives.Add(target, run, target);
                break;
        }
    }

    private void RunIntegers(Tensor?[] inputs, Tensor output)
    {
        long[] x = inputs[0]!.ToInt64s();
        long[] y = new long[output.Shape.ElementCount];
        Array.Fill(y, _function switch
        {
            ReduceFunction.Max => long.MinValue,
            ReduceFunction.Min => long.MaxValue,
            ReduceFunction.Prod => 1,
            _ => 0,
        });
        for (int i = 0; i < x.Length; i++)
        {
            ref long target = ref y[(_targets[i / _inner] * _inner) + (i % _inner)];
            target = _function switch
            {
                ReduceFunction.Max => Math.Max(target, x[i]),
                ReduceFunction.Min => Math.Min(target, x[i]),
                ReduceFunction.Prod => unchecked(target * x[i]),
                _ => unchecked(target + x[i]),
            };
        }

        if (_function == ReduceFunction.Mean && _reduced > 0)
        {
            y = Array.ConvertAll(y, sum => sum / _reduced);
        }

        Integers.Narrow(y, output);
    }
}
