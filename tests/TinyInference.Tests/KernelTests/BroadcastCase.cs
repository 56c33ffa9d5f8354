namespace TinyInference.Tests.KernelTests;

/// <summary>Two operands of one rank, some dimensions of either broadcast, and where element i of the result reads them.</summary>
internal sealed record BroadcastCase(int[] A, int[] B, int[] Y, int[] IndexA, int[] IndexB)
{
    /// <summary>The rank, dimensions and strides in the blob.</summary>
    public int[] Parameters => [Y.Length, .. Y, .. BroadcastStrides(A), .. BroadcastStrides(B)];

    /// <param name="dice">Source of the numbers.</param>
    /// <param name="wholeA">Whether a has the result's shape.</param>
    public static BroadcastCase Random(Dice dice, bool wholeA)
    {
        int rank = dice.Between(0, 4);
        int[] y = dice.Ints(rank, 1, 5);
        int[] a = [.. y.Select(d => wholeA || dice.Between(0, 3) != 0 ? d : 1)];
        int[] b = [.. y.Select((d, i) => a[i] != d || dice.Between(0, 2) != 0 ? d : 1)];
        int[][] all = [.. Reference.Indices(y)];
        return new BroadcastCase(a, b, y, [.. all.Select(i => Index(a, i))], [.. all.Select(i => Index(b, i))]);
    }

    private static int Index(int[] dimensions, int[] index) => Reference.At(dimensions, [.. index.Select((n, d) => dimensions[d] == 1 ? 0 : n)]);

    private static int[] BroadcastStrides(int[] dimensions) => [.. Reference.Strides(dimensions).Select((s, d) => dimensions[d] == 1 ? 0 : s)];
}
