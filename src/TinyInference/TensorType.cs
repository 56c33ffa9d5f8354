namespace TinyInference;

/// <summary>How the elements of a tensor are stored in the arena; little endian.</summary>
public enum TensorType : byte
{
    /// <summary>One byte, two's complement.</summary>
    Int8 = 1,

    /// <summary>Two bytes.</summary>
    Int16 = 2,

    /// <summary>Four bytes.</summary>
    Int32 = 3,
}
