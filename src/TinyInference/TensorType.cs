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

    /// <summary>Four bytes, IEEE 754 binary32: an input of decision trees, which compare the bits as integers.</summary>
    Float32 = 4,
}
