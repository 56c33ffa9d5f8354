using System.Numerics;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>ArgMax and ArgMin along any axis.</summary>
internal static class ArgMaxKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        var op = (ArgMax)node.Operator;
        Shape input = node.Input(0).Shape;
        Check.That(node, op.Axis >= 0 && op.Axis < input.Rank && input[op.Axis] > 0, $"axis {op.Axis} of {input}");
        int[] kept = input.With(op.Axis, 1).ToArray();
        Check.Output(node, op.KeepDimensions ? kept : [.. kept[..op.Axis], .. kept[(op.Axis + 1)..]]);
        int extent = input[op.Axis];
        int inner = input.Strides()[op.Axis];
        return (inputs, output) => Integers.Narrow(
            inputs[0]!.Data is float[] reals ? Find<float>(op, reals, extent, inner) : Find<long>(op, inputs[0]!.ToInt64s(), extent, inner),
            output);
    }

    private static long[] Find<T>(ArgMax op, ReadOnlySpan<T> x, int extent, int inner)
        where T : INumber<T>
    {
        long[] result = new long[x.Length / extent];
        for (int i = 0; i < result.Length; i++)
        {
            int start = (i / inner * extent * inner) + (i % inner);
            int best = 0;
            for (int j = 1; j < extent; j++)
            {
                T candidate = x[start + (j * inner)];
                T leader = x[start + (best * inner)];
                if (candidate == leader ? op.LastOfEquals : op.Smallest ? candidate < leader : candidate > leader)
                {
                    best = j;
                }
            }

            result[i] = best;
        }

        return result;
    }
}
