namespace TinyInference.Converter.Data;

/// <summary>What the numbers of a <see cref="Dataset"/> mean.</summary>
internal enum DataKind
{
    /// <summary>Brightness 0 to 255.</summary>
    Pixels,

    /// <summary>Real numbers as the network takes them, before any scale and offset.</summary>
    Real,

    /// <summary>int8 elements of a quantized input tensor as they stand, -128 to 127.</summary>
    RawInt8,

    /// <summary>Sound, 16-bit samples divided by 32768.</summary>
    Sound,

    /// <summary>Features extracted from sound: frames x width.</summary>
    Features,
}

/// <summary>What the elements of a file without a header are.</summary>
internal enum RawType
{
    Int8,
    UInt8,

    /// <summary>IEEE 754 binary32, little endian.</summary>
    Float32,
}
