namespace TinyInference;

/// <summary>How an operator's weights are stored and which of its kernels runs; the values of docs/SPEC.md.</summary>
public static class WeightEncoding
{
    /// <summary>As they are; one output channel at a time.</summary>
    public const int Dense = 0;

    /// <summary>Three output channels at a time in 64-bit sums.</summary>
    public const int Packed = 1;

    /// <summary>Only the weights that are not 0, each with how far it lies from the one before.</summary>
    public const int Sparse = 2;

    /// <summary>As <see cref="Sparse"/>, but the weights of three output channels at one input together.</summary>
    public const int SparseBlocks = 3;
}
