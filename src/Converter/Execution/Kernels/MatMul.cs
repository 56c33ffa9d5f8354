using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>MatMul: one matrix product for each index of the leading dimensions, which broadcast.</summary>
internal static class MatMulKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        Check.Reals(node);
        (Shape a, Shape b, Shape y) = (node.Input(0).Shape, node.Input(1).Shape, node.Output.Shape);
        Check.That(node, a.Rank >= 2 && b.Rank >= 2 && a[-1] == b[-2] && y.Rank == Math.Max(a.Rank, b.Rank), $"cannot multiply {a} and {b} to {y}");
        (int m, int n, int k) = (a[-2], b[-1], a[-1]);
        Check.That(node, y[-2] == m && y[-1] == n, $"cannot multiply {a} and {b} to {y}");
        var batch = new Shape(y.AsSpan()[..^2]);
        int[] aIndex = BatchIndices(node, a, batch);
        int[] bIndex = BatchIndices(node, b, batch);
        PackedMatrix? packed = b.Rank == 2 && constants[1] is { } constant ? new PackedMatrix(transposed: false, n, k, constant.Floats, n) : null;
        return (inputs, output) =>
        {
            for (int i = 0; i < batch.ElementCount; i++)
            {
                ReadOnlySpan<float> left = inputs[0]!.Floats.AsSpan(aIndex[i] * m * k);
                Span<float> target = output.Floats.AsSpan(i * m * n);
                if (packed is not null)
                {
                    Gemm.Multiply(false, m, left, k, packed, target, n, accumulate: false);
                }
                else
                {
                    Gemm.Multiply(false, false, m, n, k, left, k, inputs[1]!.Floats.AsSpan(bIndex[i] * k * n), n, target, n, accumulate: false);
                }
            }
        };
    }

    /// <summary>For each matrix of the output, which matrix of the operand <paramref name="shape"/> goes into it.</summary>
    private static int[] BatchIndices(Node node, Shape shape, Shape batch)
    {
        var own = new Shape(shape.AsSpan()[..^2]);
        Check.Broadcasts(node, own, batch);
        int[] indices = new int[batch.ElementCount];
        IndexMap.Broadcast(own, batch).Copy(Enumerable.Range(0, own.ElementCount).ToArray(), indices);
        return indices;
    }
}
