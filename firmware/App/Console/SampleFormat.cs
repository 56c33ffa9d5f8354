namespace TinyInference.Device;

/// <summary>What one number of a sample is when it comes as bytes: key "data" of the blob's input preparation, docs/SPEC.md.</summary>
internal enum SampleFormat
{
    /// <summary>An element of the input tensor itself.</summary>
    Int8,

    /// <summary>0 to 255.</summary>
    UInt8,

    /// <summary>IEEE 754 binary32, little endian.</summary>
    Float32,
}
