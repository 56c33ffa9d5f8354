namespace TinyInference;

/// <summary>An activation: where it lies in the arena and what its numbers mean.</summary>
public sealed class Tensor
{
    internal Tensor(TensorType type, int[] dimensions, int elementCount, int arenaOffset, int scaleBits, int zeroPoint, bool isState)
    {
        Type = type;
        Dimensions = dimensions;
        ElementCount = elementCount;
        ArenaOffset = arenaOffset;
        ScaleBits = scaleBits;
        ZeroPoint = zeroPoint;
        IsState = isState;
    }

    /// <summary>How elements are stored.</summary>
    public TensorType Type { get; }

    /// <summary>Extents, outermost first (NHWC); not to be changed.</summary>
    public int[] Dimensions { get; }

    /// <summary>The product of the dimensions.</summary>
    public int ElementCount { get; }

    /// <summary>Offset of the first element in the arena, in bytes.</summary>
    public int ArenaOffset { get; }

    /// <summary>
    /// The bits of the scale as an IEEE 754 binary32: real = scale * (q - <see cref="ZeroPoint"/>); 0 where elements are plain integers.
    /// Bits, because the runtime itself computes without floating point.
    /// </summary>
    public int ScaleBits { get; }

    /// <summary>The integer that stands for 0.</summary>
    public int ZeroPoint { get; }

    /// <summary>
    /// Whether the tensor keeps its value from run to run: no other tensor shares its bytes, and <see cref="Session.ResetState"/> sets them to the zero point.
    /// </summary>
    public bool IsState { get; }

    /// <summary>Bytes in the arena.</summary>
    public int ByteCount => ElementCount * ElementSize(Type);

    internal static int ElementSize(TensorType type) => type == TensorType.Int8 ? 1 : type == TensorType.Int16 ? 2 : 4;
}
